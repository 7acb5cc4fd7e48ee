#!/bin/sh
# The entry point of the stand-in for the postgres image: makes a cluster in an empty volume, runs the scripts of
# /docker-entrypoint-initdb.d once on a socket that no other container reaches, and starts the server. Other commands run as they are.
set -eu
[ "${1:-}" = postgres ] || exec "$@"
PGDATA=/var/lib/postgresql/data
POSTGRES_USER=${POSTGRES_USER:-postgres}
export PGDATA POSTGRES_USER
if [ "$(id -u)" = 0 ]; then
	mkdir -p "$PGDATA" /var/run/postgresql
	chown postgres:postgres "$PGDATA" /var/run/postgresql
	chmod 700 "$PGDATA"
	HOME=/var/lib/postgresql exec /usr/local/bin/setpriv --reuid=70 --regid=70 --clear-groups "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
	initdb -D "$PGDATA" -U "$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" --locale=C --encoding=UTF8 > /dev/null
	echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
	pg_ctl -D "$PGDATA" -w -o "-c listen_addresses=''" start > /dev/null
	for script in /docker-entrypoint-initdb.d/*.sh; do
		sh "$script"
	done
	pg_ctl -D "$PGDATA" -w -m fast stop > /dev/null
fi
exec postgres -D "$PGDATA" -c listen_addresses='*'
