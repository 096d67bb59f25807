-- The files that these images have.
SELECT i.id, i.format, i.media_key, array_remove(array_agg(t.height), NULL) AS heights
FROM images i
LEFT JOIN thumbnails t ON t.image_id = i.id
WHERE i.id = ANY ($1::uuid[])
GROUP BY i.id
