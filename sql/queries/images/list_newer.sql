-- The page before one that begins after image $2, oldest first: whoever asks turns it round.
SELECT i.id, i.user_id, i.format, i.width, i.height, i.bytes, i.sha256, i.file_name, i.media_key, i.created_at
FROM images i
WHERE i.user_id = $1 AND i.id > $2
ORDER BY i.id
LIMIT $3
