-- Openings of one link, one after another.
SELECT uses, max_uses
FROM links
WHERE id = $1 AND revoked_at IS NULL
FOR NO KEY UPDATE
