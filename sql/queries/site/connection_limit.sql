-- How many connections this role may have: by itself, by its database and by the server.
SELECT LEAST(
    NULLIF(r.rolconnlimit, -1),
    NULLIF(d.datconnlimit, -1),
    current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
) AS connections
FROM pg_roles r, pg_database d
WHERE r.rolname = current_user AND d.datname = current_database()
