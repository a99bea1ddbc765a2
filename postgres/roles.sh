#!/bin/sh
# Postgres runs this once, in an empty database. The application's role can read and write rows, but
# cannot change tables, or drop the triggers that protect the audit trail.
set -eu
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" \
    -v app_password="$APP_PASSWORD" -v exporter_password="$EXPORTER_PASSWORD" <<'SQL'
CREATE ROLE deltacrown_app LOGIN PASSWORD :'app_password';
ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO deltacrown_app;
ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT ON SEQUENCES TO deltacrown_app;
CREATE ROLE exporter LOGIN PASSWORD :'exporter_password' IN ROLE pg_monitor;
CREATE EXTENSION pg_stat_statements;
SQL
