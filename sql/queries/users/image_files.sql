-- Every file that goes when the user does.
SELECT i.id, i.format, i.media_key, array_remove(array_agg(t.height), NULL) AS heights
FROM images i
LEFT JOIN thumbnails t ON t.image_id = i.id
WHERE i.user_id = $1
GROUP BY i.id
