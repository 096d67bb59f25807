INSERT INTO links (id, image_id, height, key_id, expires_at, max_uses)
VALUES ($1, $2, $3, $4, $5, $6)
