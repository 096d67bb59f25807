SELECT user_id, credentials_version, created_at, last_used_at
FROM sessions
WHERE digest = $1
