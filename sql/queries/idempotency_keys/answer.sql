-- Only by the attempt that holds the key.
UPDATE idempotency_keys
SET location = $4, body = $5
WHERE user_id = $1 AND key = $2 AND attempt = $3
