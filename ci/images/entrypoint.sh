#!/bin/sh
# Starts Postgres as the official image does, as far as tests see it: a first start
# makes the cluster and starts a private server, so that the log says twice that
# it is ready.
set -e
printf '%s' "$POSTGRES_PASSWORD" >/tmp/password
initdb --username="${POSTGRES_USER:-postgres}" --pwfile=/tmp/password --auth-host=scram-sha-256 --encoding=UTF8 --locale=C --no-sync
echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
pg_ctl -o "-c listen_addresses=''" -w start
pg_ctl -m fast -w stop
exec "$@" -c listen_addresses='*'
