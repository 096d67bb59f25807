-- User by user, as sql/queries/api_tokens/owners.sql.
SELECT DISTINCT user_id FROM sessions WHERE digest = ANY ($1) ORDER BY user_id
