-- Takes over the site's id too: of a storage whose images were found to be those of this database.
UPDATE site
SET id = $1, storage_id = $2, storage_url = $3, sweep_token = $4, sweep_pending = NULL,
    held_cause = NULL, held_since = NULL, held_files = NULL, held_objects = NULL, allowed_files = NULL
WHERE only_one
