-- A failed attempt gives the key back: a retry begins anew. One that was answered keeps it.
DELETE FROM idempotency_keys
WHERE user_id = $1 AND key = $2 AND attempt = $3 AND body IS NULL
