DELETE FROM api_tokens
WHERE id = ANY ($1) AND user_id = $2
RETURNING digest, name
