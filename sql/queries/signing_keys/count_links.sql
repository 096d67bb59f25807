-- Live links by key.
SELECT key_id, count(*) AS links
FROM links
WHERE expires_at > now() AND revoked_at IS NULL
GROUP BY key_id
