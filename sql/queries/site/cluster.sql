-- What tells one PostgreSQL cluster from another, copies by dump included.
SELECT system_identifier FROM pg_control_system()
