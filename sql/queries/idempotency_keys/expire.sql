DELETE FROM idempotency_keys
WHERE (user_id, key) IN (
    SELECT user_id, key FROM idempotency_keys
    WHERE began_at < now() - interval '24 hours'
    LIMIT $1
    FOR UPDATE SKIP LOCKED
)
