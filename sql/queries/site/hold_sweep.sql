UPDATE site
SET held_cause = $1, held_since = CASE WHEN held_cause = $1 THEN held_since ELSE now() END,
    held_files = $2, held_objects = $3
WHERE only_one
