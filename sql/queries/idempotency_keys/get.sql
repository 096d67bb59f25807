SELECT fingerprint, location, body
FROM idempotency_keys
WHERE user_id = $1 AND key = $2
