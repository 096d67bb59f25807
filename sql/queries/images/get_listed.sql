SELECT i.id, i.user_id, i.format, i.width, i.height, i.bytes, i.sha256, i.file_name, i.media_key, i.created_at,
       u.username, u.tier_id
FROM images i
JOIN users u ON u.id = i.user_id
WHERE i.id = ANY ($1)
ORDER BY i.id
