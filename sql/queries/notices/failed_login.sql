-- What a node tells the others of a login that failed on it.
SELECT pg_notify('tierpix_changed', 'failed_login ' || $1::text)
