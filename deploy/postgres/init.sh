#!/bin/sh
# Runs once in a new database cluster. Makes roles and a database for Kapflow, and a role with two databases for Temporal.
# Neither can see the other's data, and none is superuser. kapflow owns the tables and only migrates. The worker and the
# starter sign in as kapflow_app, which owns nothing.
set -eu
kapflow=$(cat /run/secrets/kapflow_db_password)
app=$(cat /run/secrets/kapflow_app_password)
temporal=$(cat /run/secrets/temporal_db_password)
# The passwords are hexadecimal, so they need no quoting.
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<SQL
CREATE ROLE kapflow LOGIN PASSWORD '$kapflow';
CREATE ROLE kapflow_app LOGIN PASSWORD '$app';
CREATE ROLE kapflow_readonly NOLOGIN;
GRANT kapflow_app, kapflow_readonly TO kapflow;
CREATE ROLE temporal LOGIN PASSWORD '$temporal';
CREATE DATABASE kapflow OWNER kapflow;
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
REVOKE CONNECT, TEMPORARY ON DATABASE kapflow, temporal, temporal_visibility FROM PUBLIC;
GRANT CONNECT ON DATABASE kapflow TO kapflow_app, kapflow_readonly;
SQL
