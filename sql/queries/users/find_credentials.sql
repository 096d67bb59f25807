SELECT id, username, email, tier_id, is_staff, is_superuser, is_active, credentials_version,
       password_hash
FROM users
WHERE username = $1
