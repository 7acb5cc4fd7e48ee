#!/bin/sh
# Starts the server with its database password out of the secret file: the image itself takes it from the environment
# only, and compose would show it there.
set -eu
POSTGRES_PWD=$(cat /run/secrets/temporal_db_password)
export POSTGRES_PWD
exec /etc/temporal/entrypoint.sh
