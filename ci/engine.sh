#!/usr/bin/env bash
# Runs a command with a container engine and the images of the tests:
#
#   ci/engine.sh make test
#
# An engine that answers is used as it is. Otherwise one is started, as root, with
# its socket, its images and its log in a temporary directory; it is stopped and
# the directory removed when the command ends, however it ends. The command finds
# it in DOCKER_HOST; its exit status is ours.
set -euo pipefail

say() { printf 'engine: %s\n' "$*" >&2; }

[ $# -gt 0 ] || { say 'usage: ci/engine.sh COMMAND [ARGUMENT]...'; exit 2; }

here=$(dirname "${BASH_SOURCE[0]}")
work=
pid=

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

answers() { timeout 5 docker info >/dev/null 2>&1; }

stop_engine() {
  [ -n "$pid" ] || return 0
  [ ! -s "$work/pid" ] || as_root kill "$(cat "$work/pid")" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  pid=
}

stop() {
  stop_engine
  [ -z "$work" ] || as_root rm -rf "$work" || say "$work is left"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# start tries the engine's own choice of storage, then one that works on every file
# system, then without rules for a firewall that may not be changed here: ports
# then reach loopback through the engine's proxy alone.
start() {
  local flags deadline
  if [ -n "${DOCKER_HOST:-}" ]; then
    say "error: DOCKER_HOST is set and no engine answers there"
    exit 1
  fi
  command -v dockerd >/dev/null || { say 'error: no engine answers and dockerd is missing: ci/setup.sh installs it'; exit 1; }
  work=$(mktemp -d)
  export DOCKER_HOST="unix://$work/docker.sock"
  for flags in '' '--storage-driver=vfs' '--storage-driver=vfs --iptables=false'; do
    # shellcheck disable=SC2086
    as_root dockerd --host="$DOCKER_HOST" --ip=127.0.0.1 --data-root="$work/data" --exec-root="$work/exec" \
      --pidfile="$work/pid" --group="$(id -g)" $flags </dev/null >"$work/log" 2>&1 &
    pid=$!
    deadline=$((SECONDS + 30))
    while [ "$SECONDS" -lt "$deadline" ] && kill -0 "$pid" 2>/dev/null; do
      if answers; then
        say "dockerd started${flags:+ with $flags}"
        return
      fi
      sleep 0.1
    done
    stop_engine
  done
  say "error: dockerd does not start: $(tail -n 5 "$work/log")"
  exit 1
}

answers || start
"$here/images.sh"
"$@"
