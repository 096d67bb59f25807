-- $2 is the number of uploads an hour that the tier takes, NULL if any: of so many of the last hour, the oldest has
-- to leave before there is room for another.
SELECT u.image_count, u.stored_bytes, recent.uploads_last_hour, recent.oldest_upload,
       (SELECT r.stored_at FROM recent_uploads r
        WHERE r.user_id = u.id AND r.stored_at > now() - interval '1 hour'
        ORDER BY r.stored_at DESC
        OFFSET $2::bigint - 1 LIMIT 1) + interval '1 hour' AS room_at
FROM users u
CROSS JOIN LATERAL (
    SELECT count(*) AS uploads_last_hour, min(r.stored_at) AS oldest_upload
    FROM recent_uploads r
    WHERE r.user_id = u.id AND r.stored_at > now() - interval '1 hour'
) recent
WHERE u.id = $1
