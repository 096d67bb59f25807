-- What a node tells itself, to know whether it hears what others tell.
SELECT pg_notify('tierpix_changed', 'echo ' || $1::text)
