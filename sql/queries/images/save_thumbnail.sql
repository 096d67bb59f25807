-- Also the second time: a thumbnail remade by a newer encoder has other bytes.
INSERT INTO thumbnails (image_id, height, bytes, sha256)
VALUES ($1, $2, $3, $4)
ON CONFLICT ON CONSTRAINT thumbnails_pkey
DO UPDATE SET bytes = excluded.bytes, sha256 = excluded.sha256, created_at = now()
