-- In one order, so that of two revocations at once neither waits for the other.
WITH chosen AS (
    SELECT id FROM links WHERE id = ANY ($1) AND revoked_at IS NULL ORDER BY id FOR UPDATE
)
UPDATE links
SET revoked_at = now()
FROM chosen, images
WHERE links.id = chosen.id AND images.id = links.image_id
RETURNING links.id, images.id AS image_id, images.file_name
