-- The columns in the order of insert.sql; without a password's hash the password stays. Sessions and remembered
-- passwords of an earlier credentials_version end with it, where $7 asks for that.
UPDATE users
SET username = $1, email = $2, tier_id = $3, role = $4, is_active = $5, password_hash = COALESCE($6, password_hash),
    credentials_version = credentials_version + CASE WHEN $7 THEN 1 ELSE 0 END
WHERE id = $8
