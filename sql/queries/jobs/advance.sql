-- A sign of life of the runner, with what was done since the last one. Changes no row if the job was cancelled or is
-- somebody else's by now.
UPDATE jobs
SET due_at = now() + $3::double precision * interval '1 second',
    position = COALESCE($4, position),
    done = done + $5,
    failed = failed + $6,
    worked_seconds = worked_seconds + $7,
    last_error = COALESCE($8, last_error),
    attempts = CASE WHEN $5 > 0 OR $6 > 0 THEN 0 ELSE attempts END
WHERE id = $1 AND runner = $2 AND state = 'running'
