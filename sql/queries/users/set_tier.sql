UPDATE users SET tier_id = $2 WHERE username = $1
