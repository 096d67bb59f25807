UPDATE jobs
SET planned = $3, planned_bytes = $4, estimated_seconds = $5
WHERE id = $1 AND runner = $2 AND state = 'running'
