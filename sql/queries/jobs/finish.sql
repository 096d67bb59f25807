-- One that repeats waits for its next time.
UPDATE jobs
SET state = CASE WHEN repeat_after IS NULL THEN 'done' ELSE 'waiting' END,
    due_at = now() + COALESCE(repeat_after, interval '0'),
    position = CASE WHEN repeat_after IS NULL THEN position END,
    runner = NULL,
    attempts = 0,
    finished_at = now()
WHERE id = $1 AND runner = $2 AND state = 'running'
