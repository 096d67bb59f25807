-- An account's images, newest first, from a given one on: $2 is the last image of the page before.
SELECT i.id, i.user_id, i.format, i.width, i.height, i.bytes, i.sha256, i.file_name, i.media_key, i.created_at
FROM images i
WHERE i.user_id = $1 AND ($2::uuid IS NULL OR i.id < $2)
ORDER BY i.id DESC
LIMIT $3
