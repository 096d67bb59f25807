-- The first revocation counts.
UPDATE links
SET revoked_at = COALESCE(revoked_at, now())
WHERE id = $1 AND image_id = $2
