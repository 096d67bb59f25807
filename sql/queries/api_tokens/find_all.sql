-- A list's order and its place to begin at are added by db/pages.rs.
SELECT k.id, k.user_id, k.name, k.scopes, k.created_at, k.expires_at, k.last_used_at, u.username
FROM api_tokens k
JOIN users u ON u.id = k.user_id
WHERE ($1::text IS NULL OR k.user_id = (SELECT id FROM users WHERE username = $1))
  AND ($2::uuid[] IS NULL OR k.id = ANY ($2))
