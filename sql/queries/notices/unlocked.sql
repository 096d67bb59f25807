-- Tells every node that an account is opened again, once this is committed.
SELECT pg_notify('tierpix_changed', 'unlocked ' || $1::text)
