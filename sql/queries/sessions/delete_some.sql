DELETE FROM sessions
WHERE digest = ANY ($1) AND user_id = $2
RETURNING digest
