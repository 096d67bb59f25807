-- Also the second time: a thumbnail remade by a newer encoder has other bytes.
INSERT INTO thumbnails (image_id, height, bytes, sha256)
SELECT $1, made.height, made.bytes, made.sha256
FROM unnest($2::integer[], $3::bigint[], $4::bytea[]) AS made (height, bytes, sha256)
ON CONFLICT ON CONSTRAINT thumbnails_pkey
DO UPDATE SET bytes = excluded.bytes, sha256 = excluded.sha256, created_at = now()
