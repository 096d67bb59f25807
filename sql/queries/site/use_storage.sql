-- Takes over the site's id too: of a storage whose images were found to be those of this database.
UPDATE site
SET id = $1, storage_id = $2, storage_url = $3,
    -- Of the same storage, another node may have added one.
    tokens = CASE WHEN storage_id = $2 THEN tokens ELSE '{}' END || $4::uuid,
    held_cause = NULL, held_since = NULL, held_files = NULL, held_objects = NULL, allowed_files = NULL
WHERE only_one
