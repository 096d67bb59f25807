SELECT u.image_count, u.stored_bytes,
       (SELECT count(*) FROM recent_uploads r
        WHERE r.user_id = u.id AND r.stored_at > now() - interval '1 hour') AS uploads_last_hour,
       (SELECT min(r.stored_at) FROM recent_uploads r
        WHERE r.user_id = u.id AND r.stored_at > now() - interval '1 hour') AS oldest_upload
FROM users u
WHERE u.id = $1
