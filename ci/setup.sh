#!/usr/bin/env bash
# Installs, on Debian or Ubuntu, what the tests use where it is there: shellcheck, xmllint,
# PostgreSQL, Redis, Chromium, a container engine and a C compiler for the race detector.
# What is there already is left alone. For machines of continuous integration:
# nothing else calls it.
set -euo pipefail

say() { printf 'setup: %s\n' "$*"; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

have_postgres() {
  command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

have_engine() {
  command -v dockerd >/dev/null || timeout 5 docker info >/dev/null 2>&1
}

have_chromium() {
  local name
  for name in chromium-headless-shell chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then return 0; fi
  done
  return 1
}

packages=()
command -v make >/dev/null || packages+=(make)
command -v gcc >/dev/null || packages+=(gcc libc6-dev)
command -v shellcheck >/dev/null || packages+=(shellcheck)
command -v xmllint >/dev/null || packages+=(libxml2-utils)
command -v redis-server >/dev/null || packages+=(redis-server)
have_postgres || packages+=(postgresql)
have_chromium || packages+=(chromium-headless-shell) # Debian's; Ubuntu's machines for tests bring Google's
have_engine || packages+=(docker.io)

if [ ${#packages[@]} -eq 0 ]; then
  say 'nothing to install'
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  say "error: no apt-get here: install ${packages[*]} by hand" >&2
  exit 1
fi
say "installing ${packages[*]}"
as_root apt-get -qq -o Acquire::Retries=3 update
as_root env DEBIAN_FRONTEND=noninteractive \
  apt-get -qq -o Acquire::Retries=3 install -y --no-install-recommends "${packages[@]}" </dev/null >/dev/null
say 'done'
