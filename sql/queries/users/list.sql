SELECT u.id, u.username, u.email, u.tier_id, u.is_staff, u.is_superuser, u.is_active, u.credentials_version,
       t.name AS tier_name
FROM users u
LEFT JOIN tiers t ON t.id = u.tier_id
ORDER BY u.username
