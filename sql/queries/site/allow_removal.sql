-- Only the number that the last sweep told.
UPDATE site SET allowed_files = $1 WHERE only_one AND held_cause = 'many' AND held_files = $1
