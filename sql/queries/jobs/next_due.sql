-- In how many seconds there may be a job of these kinds to take: one that waits is due then, or the runner of one counts as
-- gone.
SELECT extract(epoch FROM min(due_at) - now())::double precision AS seconds
FROM jobs
WHERE kind = ANY ($1::text[]) AND state IN ('waiting', 'running')
