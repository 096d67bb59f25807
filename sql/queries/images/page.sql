-- Everybody's images after $1 by id, with what is known of their thumbnails.
SELECT i.id, i.user_id, i.format, i.width, i.height, i.bytes, i.sha256, i.file_name, i.media_key, i.created_at,
       COALESCE(t.heights, '{}') AS thumbnail_heights,
       COALESCE(t.bytes, '{}') AS thumbnail_bytes,
       COALESCE(t.digests, '{}') AS thumbnail_digests
FROM images i
LEFT JOIN LATERAL (
    SELECT array_agg(height) AS heights, array_agg(bytes) AS bytes, array_agg(sha256) AS digests
    FROM thumbnails
    WHERE image_id = i.id
) t ON true
WHERE i.id > $1
ORDER BY i.id
LIMIT $2
