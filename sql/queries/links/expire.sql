-- For some time a link that has ended is still listed, with how often it was opened.
DELETE FROM links
WHERE id = ANY (ARRAY(
    SELECT id FROM links WHERE expires_at < now() - interval '30 days' LIMIT $1
))
