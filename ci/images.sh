#!/usr/bin/env bash
# Makes sure that the container engine has the images of the tests, redis:7-alpine
# and postgres:16-alpine: pulls those that are missing, and builds a stand-in of
# what cannot be pulled out of the Redis and the Postgres that this machine has
# installed (ci/setup.sh). A stand-in has their names, ports and behaviour at the
# start, and another version: it is for tests alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/images"

say() { printf 'images: %s\n' "$*" >&2; }

fail() {
  say "error: $*"
  exit 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# provide IMAGE BUILDER
provide() {
  if docker image inspect "$1" >/dev/null 2>&1; then
    say "$1 is there"
  elif timeout 20 docker pull -q "$1" >/dev/null 2>&1; then
    say "$1 pulled"
  else
    "$2" "$1"
    say "$1 built from what this machine has installed"
  fi
}

# add ROOT FILE... copies programs and libraries to where they are here, with the
# libraries that they need.
add() {
  local root=$1 file
  shift
  for file in "$@" $(ldd "$@" | grep -o '/[^ :()]*' | sort -u); do
    [ -e "$root$file" ] || install -D -m 755 "$(readlink -f "$file")" "$root$file"
  done
}

# build IMAGE DIRECTORY DOCKERFILE [OPTION]...
build() {
  DOCKER_BUILDKIT=0 docker build -q -t "$1" -f "$3" "${@:4}" "$2" >"$work/log" 2>&1 || fail "docker build $1: $(cat "$work/log")"
}

build_redis() {
  local dir="$work/redis"
  command -v redis-server >/dev/null || fail 'Redis is missing: ci/setup.sh installs it'
  add "$dir/root" /usr/bin/redis-server
  build "$1" "$dir" redis.Dockerfile
}

build_postgres() {
  local dir="$work/postgres" root="$work/postgres/root" bin lib share
  bin=$(dirname "$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1)") || true
  [ -x "$bin/initdb" ] || fail 'Postgres is missing: ci/setup.sh installs it'
  lib=$("$bin/pg_config" --pkglibdir)
  share=$("$bin/pg_config" --sharedir)
  mkdir -p "$root/bin" "$root/etc" "$root/usr/share" "$root/var/run/postgresql" "$root/tmp" "$root$share" "$dir/data"
  add "$root" "$bin"/{postgres,initdb,pg_ctl} "$lib"/{plpgsql,dict_snowball}.so /bin/sh
  cp -r "$share/." "$root$share"
  cp -r /usr/share/zoneinfo "$root/usr/share"
  cp entrypoint.sh "$root"
  echo 'postgres:x:70:70::/:/bin/sh' >"$root/etc/passwd"
  chmod 1777 "$root/tmp" "$root/var/run/postgresql"
  build "$1" "$dir" postgres.Dockerfile --build-arg "BIN=$bin"
}

provide redis:7-alpine build_redis
provide postgres:16-alpine build_postgres
