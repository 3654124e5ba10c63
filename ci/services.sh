#!/usr/bin/env bash
# Runs a command with a PostgreSQL and a Redis of its own:
#
#   ci/services.sh make test
#
# Both listen on free loopback ports, keep their data in a temporary directory
# and are gone when the command ends, however it ends. The command finds them in
# LEAKLAB_TEST_POSTGRES_URL and LEAKLAB_TEST_REDIS_URL; its exit status is ours.
set -euo pipefail

say() { printf 'services: %s\n' "$*" >&2; }

fail() {
  say "error: $*"
  exit 1
}

[ $# -gt 0 ] || { say 'usage: ci/services.sh COMMAND [ARGUMENT]...'; exit 2; }

work=$(mktemp -d)
redis_pid=
postgres_up=

stop() {
  if [ -n "$postgres_up" ]; then
    as_postgres "$postgres_bin/pg_ctl" -D "$work/postgres/data" -m immediate -w stop >/dev/null || say 'postgres did not stop'
  fi
  if [ -n "$redis_pid" ]; then
    kill "$redis_pid" 2>/dev/null || true
    wait "$redis_pid" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# A port below the range that the system gives to outgoing connections. Whether
# it is free shows when the server binds it: the callers try another if not.
some_port() { echo $((20000 + RANDOM % 12000)); }

# PostgreSQL refuses to run as root: root runs it as the user postgres.
as_postgres() {
  if [ "$(id -u)" -eq 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

postgres_directory() {
  local initdb
  initdb=$(command -v initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1) || true
  [ -n "$initdb" ] || fail 'PostgreSQL is missing: ci/setup.sh installs it'
  dirname "$(readlink -f "$initdb")"
}

start_postgres() {
  local dir="$work/postgres" password port attempt
  postgres_bin=$(postgres_directory)
  password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  chmod 711 "$work"
  mkdir "$dir"
  printf '%s' "$password" >"$dir/password"
  [ "$(id -u)" -ne 0 ] || chown -R postgres "$dir"
  as_postgres "$postgres_bin/initdb" -D "$dir/data" -U leaklab --pwfile="$dir/password" \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C --no-sync >"$work/initdb.log" ||
    fail "initdb: $(cat "$work/initdb.log")"
  for attempt in 1 2 3 4 5; do
    port=$(some_port)
    if as_postgres "$postgres_bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w -t 30 \
      -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off" start >/dev/null; then
      postgres_up=yes
      export LEAKLAB_TEST_POSTGRES_URL="postgres://leaklab:$password@127.0.0.1:$port/postgres?sslmode=disable"
      say "postgres on port $port"
      return
    fi
    say "postgres did not start on port $port, attempt $attempt"
  done
  fail "postgres: $(tail -n 5 "$dir/log")"
}

start_redis() {
  local port attempt
  command -v redis-server >/dev/null || fail 'Redis is missing: ci/setup.sh installs it'
  for attempt in 1 2 3 4 5; do
    port=$(some_port)
    redis-server --bind 127.0.0.1 --port "$port" --dir "$work" --save '' --appendonly no </dev/null >"$work/redis.log" 2>&1 &
    redis_pid=$!
    if redis_answers "$port"; then
      export LEAKLAB_TEST_REDIS_URL="redis://127.0.0.1:$port/0"
      say "redis on port $port"
      return
    fi
    say "redis did not start on port $port, attempt $attempt"
    kill "$redis_pid" 2>/dev/null || true
  done
  fail "redis: $(tail -n 5 "$work/redis.log")"
}

# redis_answers waits 10 seconds at most, less where the server has given up.
redis_answers() {
  local deadline=$((SECONDS + 10))
  while [ "$SECONDS" -lt "$deadline" ] && kill -0 "$redis_pid" 2>/dev/null; do
    if grep -qs 'Ready to accept connections' "$work/redis.log"; then
      [ "$(redis-cli -h 127.0.0.1 -p "$1" ping)" = PONG ] && return
    fi
    sleep 0.05
  done
  return 1
}

start_postgres
start_redis
"$@"
