-- Not used for 14 days, or of a login 90 days ago: src/auth/session.rs takes none of them any more.
DELETE FROM sessions
WHERE digest = ANY (ARRAY(
    SELECT digest FROM sessions
    WHERE last_used_at < now() - interval '14 days' OR created_at < now() - interval '90 days'
    LIMIT $1
))
