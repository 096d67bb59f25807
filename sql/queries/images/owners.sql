-- All accounts are locked before anything goes, in one order: neither another deletion nor an upload, which locks its
-- account first too, then waits for what is held here while holding what is waited for.
SELECT i.id AS image_id, u.id, u.username, i.file_name, i.format, i.bytes
FROM images i
JOIN users u ON u.id = i.user_id
WHERE i.id = ANY ($1)
ORDER BY u.id, i.id
FOR NO KEY UPDATE OF u
