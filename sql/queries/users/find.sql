-- A list's order and its place to begin at are added by db/pages.rs. The tier's name is looked up for the rows that are
-- left then.
SELECT u.id, u.username, u.email, u.tier_id, u.role, u.is_active, u.credentials_version,
       u.version, u.created_at, u.last_login_at, u.image_count, u.stored_bytes,
       (SELECT t.name FROM tiers t WHERE t.id = u.tier_id) AS tier_name
FROM users u
WHERE ($1::text IS NULL OR lower(u.username) LIKE lower($1) OR lower(u.email) LIKE lower($1))
  AND ($2::bigint IS NULL OR u.tier_id = $2)
  AND ($3::text IS NULL OR u.role = $3)
  AND ($4::boolean IS NULL OR (u.role IS NOT NULL) = $4)
  AND ($5::boolean IS NULL OR u.is_active = $5)
