SELECT id, image_id, height, key_id, expires_at, revoked_at, max_uses, uses, last_used_at
FROM links
WHERE image_id = $1
ORDER BY created_at, id
