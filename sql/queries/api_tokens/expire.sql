-- For some time a token that has expired is still listed, so that its owner sees why it does not work.
DELETE FROM api_tokens
WHERE id = ANY (ARRAY(
    SELECT id FROM api_tokens WHERE expires_at < now() - interval '30 days' LIMIT $1
))
