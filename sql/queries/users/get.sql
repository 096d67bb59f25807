SELECT id, username, email, tier_id, role, is_active, credentials_version
FROM users
WHERE id = $1
