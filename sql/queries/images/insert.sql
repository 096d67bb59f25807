-- The image, its thumbnails and, where one was asked for, its link: all or nothing, in one round trip.
WITH swept AS (
    DELETE FROM recent_uploads WHERE user_id = $2 AND stored_at <= now() - interval '1 hour'
), counted AS (
    INSERT INTO recent_uploads (user_id) VALUES ($2)
), image AS (
    INSERT INTO images (id, user_id, format, width, height, bytes, sha256, file_name, media_key)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    RETURNING id, created_at
), thumbnail AS (
    INSERT INTO thumbnails (image_id, height, bytes, sha256)
    SELECT image.id, t.height, t.bytes, t.sha256
    FROM image, unnest($10::integer[], $11::bigint[], $12::bytea[]) AS t (height, bytes, sha256)
), link AS (
    INSERT INTO links (id, image_id, key_id, expires_at)
    SELECT l.id, image.id, l.key_id, l.expires_at
    FROM image, unnest($13::uuid[], $14::integer[], $15::timestamptz[]) AS l (id, key_id, expires_at)
)
SELECT created_at FROM image
