INSERT INTO tiers (name, thumbnail_heights, original_link, expiring_links,
                   max_upload_bytes, storage_quota_bytes, uploads_per_hour)
VALUES ($1, $2, $3, $4, $5, $6, $7)
RETURNING id
