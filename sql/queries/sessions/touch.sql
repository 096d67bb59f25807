UPDATE sessions SET last_used_at = now() WHERE digest = $1
