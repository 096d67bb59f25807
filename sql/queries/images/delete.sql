-- Thumbnails and links go with the image; the files are the caller's to remove.
WITH files AS (
    SELECT i.id, i.format, i.media_key, array_remove(array_agg(t.height), NULL) AS heights
    FROM images i
    LEFT JOIN thumbnails t ON t.image_id = i.id
    WHERE i.id = $1 AND i.user_id = $2
    GROUP BY i.id
), deleted AS (
    DELETE FROM images USING files WHERE images.id = files.id
)
SELECT id, format, media_key, heights
FROM files
