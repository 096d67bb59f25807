-- $2 is the number of uploads an hour that the tier takes, NULL if any: of so many of the last hour, the oldest has
-- to leave before there is room for another. Uploads are numbered in their order: none is counted.
SELECT u.image_count, u.stored_bytes, coalesce(newest.number - oldest.number + 1, 0) AS uploads_last_hour,
       oldest.stored_at AS oldest_upload, leaving.stored_at + interval '1 hour' AS room_at
FROM users u
LEFT JOIN LATERAL (
    SELECT r.stored_at, r.number FROM recent_uploads r
    WHERE r.user_id = u.id AND r.stored_at > now() - interval '1 hour'
    ORDER BY r.stored_at, r.number LIMIT 1
) oldest ON true
LEFT JOIN LATERAL (
    SELECT r.number FROM recent_uploads r
    WHERE r.user_id = u.id
    ORDER BY r.number DESC LIMIT 1
) newest ON true
LEFT JOIN recent_uploads leaving
    ON leaving.user_id = u.id AND leaving.number = newest.number - $2::bigint + 1
    AND leaving.stored_at > now() - interval '1 hour'
WHERE u.id = $1
