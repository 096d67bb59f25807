-- Live links by key; those of a withdrawn key open nothing.
SELECT l.key_id, count(*) AS links
FROM links l
JOIN signing_keys k ON k.id = l.key_id
WHERE l.expires_at > now() AND l.revoked_at IS NULL AND k.withdrawn_at IS NULL
GROUP BY l.key_id
