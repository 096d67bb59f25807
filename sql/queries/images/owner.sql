SELECT u.id, u.username, i.file_name, i.format, i.bytes
FROM images i
JOIN users u ON u.id = i.user_id
WHERE i.id = $1
