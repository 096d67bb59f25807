INSERT INTO api_tokens (id, user_id, name, scopes, digest, expires_at)
VALUES ($1, $2, $3, $4, $5, $6)
RETURNING id, user_id, name, scopes, created_at, expires_at, last_used_at
