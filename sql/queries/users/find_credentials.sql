SELECT id, username, email, tier_id, role, is_active, credentials_version, password_hash
FROM users
WHERE username = $1
