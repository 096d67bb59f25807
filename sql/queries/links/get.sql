SELECT id, image_id, height, key_id, expires_at, revoked_at, max_uses, uses, last_used_at
FROM links
WHERE id = $1
