SELECT image_id, height, expires_at, revoked_at
FROM links
WHERE id = $1
