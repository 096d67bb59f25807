-- Some of the oldest and some of the newest images.
(SELECT id, format, media_key, bytes FROM images ORDER BY id LIMIT $1)
UNION
(SELECT id, format, media_key, bytes FROM images ORDER BY id DESC LIMIT $1)
