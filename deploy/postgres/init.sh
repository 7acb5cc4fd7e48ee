#!/bin/sh
# Runs once, in a new database cluster: a role and a database for Kapflow, and a role with two databases for Temporal.
# Neither role sees the other's data, and neither is the superuser.
set -eu
kapflow=$(cat /run/secrets/kapflow_db_password)
temporal=$(cat /run/secrets/temporal_db_password)
# The passwords are hexadecimal, so they need no quoting.
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<SQL
CREATE ROLE kapflow LOGIN PASSWORD '$kapflow';
CREATE ROLE temporal LOGIN PASSWORD '$temporal';
CREATE DATABASE kapflow OWNER kapflow;
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
REVOKE CONNECT ON DATABASE kapflow, temporal, temporal_visibility FROM PUBLIC;
SQL
