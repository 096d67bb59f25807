SELECT id, username, email, tier_id, is_staff, is_superuser, is_active, credentials_version
FROM users
WHERE id = $1
