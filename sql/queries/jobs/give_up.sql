UPDATE jobs
SET state = 'failed', runner = NULL, finished_at = now(), last_error = $3
WHERE id = $1 AND runner = $2 AND state = 'running'
