-- A list's order and its place to begin at are added by db/pages.rs.
SELECT l.id, l.image_id, l.height, l.key_id, l.expires_at, l.revoked_at, l.max_uses, l.uses, l.last_used_at,
       i.file_name, i.user_id, u.username, k.withdrawn_at IS NOT NULL AS key_withdrawn
FROM links l
JOIN images i ON i.id = l.image_id
JOIN users u ON u.id = i.user_id
JOIN signing_keys k ON k.id = l.key_id
WHERE ($1::text IS NULL OR i.user_id = (SELECT id FROM users WHERE username = $1))
  AND ($2::uuid IS NULL OR l.image_id = $2)
  AND ($3::uuid[] IS NULL OR l.id = ANY ($3))
  AND ($4::boolean IS NULL
       OR (l.expires_at > now() AND l.revoked_at IS NULL AND k.withdrawn_at IS NULL
           AND (l.max_uses IS NULL OR l.uses < l.max_uses)) = $4)
