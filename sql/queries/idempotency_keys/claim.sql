-- Ours if nobody has the key, if what it was answered is a day old, or if its attempt has run out of its lease.
-- Answers of other keys that are a day old go on the way.
WITH swept AS (
    DELETE FROM idempotency_keys
    WHERE (user_id, key) IN (
        SELECT user_id, key FROM idempotency_keys
        WHERE began_at < now() - interval '24 hours' AND (user_id, key) <> ($1, $2)
        LIMIT 10
        FOR UPDATE SKIP LOCKED
    )
)
INSERT INTO idempotency_keys AS old (user_id, key, fingerprint, attempt)
VALUES ($1, $2, $3, $4)
ON CONFLICT ON CONSTRAINT idempotency_keys_pkey DO UPDATE
SET fingerprint = excluded.fingerprint, attempt = excluded.attempt, began_at = now(), location = NULL, body = NULL
WHERE old.began_at < now() - interval '24 hours'
   OR (old.body IS NULL AND old.began_at < now() - interval '2 minutes')
