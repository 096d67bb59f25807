INSERT INTO users (username, email, password_hash, tier_id, is_staff, is_superuser)
VALUES ($1, $2, $3, $4, $5, $6)
RETURNING id
