UPDATE tiers
SET name = $2, thumbnail_heights = $3, original_link = $4, expiring_links = $5,
    max_upload_bytes = $6, storage_quota_bytes = $7, uploads_per_hour = $8
WHERE id = $1
