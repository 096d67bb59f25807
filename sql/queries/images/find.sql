-- A list's order and its place to begin at are added by db/pages.rs. Users are looked up for the rows that are left then.
SELECT i.id, i.user_id, i.format, i.width, i.height, i.bytes, i.sha256, i.file_name, i.media_key, i.created_at,
       (SELECT u.username FROM users u WHERE u.id = i.user_id) AS username,
       (SELECT u.tier_id FROM users u WHERE u.id = i.user_id) AS tier_id
FROM images i
WHERE ($1::text IS NULL OR i.user_id = (SELECT id FROM users WHERE username = $1))
  -- What begins with $2: LIKE would look at each name that the index has found once more.
  AND ($2::text IS NULL
       OR (lower(i.file_name) ~>=~ lower($2) AND lower(i.file_name) ~<~ (lower($2) || chr(1114111))))
  AND ($3::text IS NULL OR i.format = $3)
  AND ($4::timestamptz IS NULL OR i.created_at >= $4)
  AND ($5::timestamptz IS NULL OR i.created_at < $5)
  AND ($6::bigint IS NULL OR i.bytes >= $6)
  AND ($7::bigint IS NULL OR i.bytes <= $7)
