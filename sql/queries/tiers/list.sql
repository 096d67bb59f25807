SELECT t.id, t.name, t.thumbnail_heights, t.original_link, t.expiring_links,
       t.max_upload_bytes, t.storage_quota_bytes, t.uploads_per_hour, t.version,
       (SELECT count(*) FROM users u WHERE u.tier_id = t.id) AS users
FROM tiers t
ORDER BY t.id
