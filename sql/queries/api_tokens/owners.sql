-- User by user: of two revocations at once, neither waits for an account that the other holds while it holds one itself.
SELECT DISTINCT user_id FROM api_tokens WHERE id = ANY ($1) ORDER BY user_id
