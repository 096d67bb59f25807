SELECT u.id, u.username, u.email, u.tier_id, u.role, u.is_active, u.credentials_version,
       u.version, u.created_at, u.last_login_at, u.image_count, u.stored_bytes, t.name AS tier_name
FROM users u
LEFT JOIN tiers t ON t.id = u.tier_id
ORDER BY u.username
