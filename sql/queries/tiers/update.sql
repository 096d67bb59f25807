-- The columns in the order of insert.sql.
UPDATE tiers
SET name = $1, thumbnail_heights = $2, original_link = $3, expiring_links = $4,
    max_upload_bytes = $5, storage_quota_bytes = $6, uploads_per_hour = $7
WHERE id = $8
