-- Only those of the last minute count.
DELETE FROM link_openings
WHERE (link_id, client) IN (
    SELECT link_id, client FROM link_openings
    WHERE opened_at < now() - interval '2 minutes'
    LIMIT $1
    FOR UPDATE SKIP LOCKED
)
