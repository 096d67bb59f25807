SELECT id, name, thumbnail_heights, original_link, expiring_links,
       max_upload_bytes, storage_quota_bytes, uploads_per_hour
FROM tiers
WHERE id = $1
