INSERT INTO users (username, email, tier_id, role, is_active, password_hash)
VALUES ($1, $2, $3, $4, $5, $6)
RETURNING id
