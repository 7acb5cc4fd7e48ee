#!/bin/sh
# Starts the server with the database password from the secret file. The image reads it only from the environment, where
# compose would show it.
set -eu
POSTGRES_PWD=$(cat /run/secrets/temporal_db_password)
export POSTGRES_PWD
exec /etc/temporal/entrypoint.sh
