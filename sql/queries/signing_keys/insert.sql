INSERT INTO signing_keys (salt)
VALUES ($1)
RETURNING id
