SELECT s.id, s.created_at, s.storage_id, s.storage_url, s.tokens,
       s.held_cause, s.held_since, s.held_files, s.held_objects, s.allowed_files,
       EXISTS (SELECT FROM images) AS has_images,
       d.oid::bigint AS database_oid
FROM site s, pg_database d
WHERE s.only_one AND d.datname = current_database()
