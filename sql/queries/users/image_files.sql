-- Every file that goes when the user does.
SELECT i.id, i.format, i.media_key, array_remove(array_agg(t.height), NULL) AS heights
FROM users u
JOIN images i ON i.user_id = u.id
LEFT JOIN thumbnails t ON t.image_id = i.id
WHERE u.username = $1
GROUP BY i.id
