#!/bin/sh
# Updates Temporal's two databases to the schema of this server version. Run it after an upgrade; it is safe to repeat.
set -eu
SQL_PASSWORD=$(cat "${TEMPORAL_DB_PASSWORD_FILE:-/run/secrets/temporal_db_password}")
SQL_PLUGIN=postgres12
SQL_HOST=${SQL_HOST:-postgres}
SQL_PORT=${SQL_PORT:-5432}
SQL_USER=temporal
export SQL_PASSWORD SQL_PLUGIN SQL_HOST SQL_PORT SQL_USER
schema=${TEMPORAL_SCHEMA:-/etc/temporal/schema}/postgresql/v12

for pair in temporal:temporal temporal_visibility:visibility; do
	database=${pair%%:*}
	if said=$(temporal-sql-tool --db "$database" update-schema -d "$schema/${pair##*:}/versioned" 2>&1); then
		echo "$database is up to date"
		continue
	fi
	# Set up only a new database: repeating it would reset the recorded version.
	case $said in
	*schema_version*'does not exist'*) ;;
	*) echo "$said" >&2 && exit 1 ;;
	esac
	temporal-sql-tool --db "$database" setup-schema -v 0.0
	temporal-sql-tool --db "$database" update-schema -d "$schema/${pair##*:}/versioned"
done
