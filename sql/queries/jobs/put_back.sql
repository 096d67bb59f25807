-- For whoever takes it next, in $3 seconds at the earliest.
UPDATE jobs
SET state = 'waiting',
    runner = NULL,
    due_at = now() + $3::double precision * interval '1 second',
    attempts = CASE WHEN $4::text IS NULL THEN 0 ELSE attempts END,
    last_error = COALESCE($4, last_error)
WHERE id = $1 AND runner = $2 AND state = 'running'
