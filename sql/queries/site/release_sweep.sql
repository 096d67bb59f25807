UPDATE site
SET held_cause = NULL, held_since = NULL, held_files = NULL, held_objects = NULL, allowed_files = NULL
WHERE only_one AND (held_cause IS NOT NULL OR allowed_files IS NOT NULL)
