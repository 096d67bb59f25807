-- Those that are alive, as auth/session.rs has it. A list's order and its place to begin at are added by db/pages.rs.
SELECT s.digest, s.user_id, s.created_at, s.last_used_at, u.username
FROM sessions s
JOIN users u ON u.id = s.user_id
WHERE s.credentials_version = u.credentials_version AND u.is_active
  AND s.last_used_at > now() - interval '14 days'
  AND s.created_at > now() - interval '90 days'
  AND ($1::text IS NULL OR s.user_id = (SELECT id FROM users WHERE username = $1))
  AND ($2::bytea[] IS NULL OR s.digest = ANY ($2))
