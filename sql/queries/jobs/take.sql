-- The job of these kinds that has waited longest: its time has come, or its runner has gone silent. Of two runners that ask
-- at once, each gets another one. $3 picks one job, $4 leaves it to others for so many seconds first. A job that
-- repeats begins anew.
WITH next AS (
    SELECT id
    FROM jobs
    WHERE kind = ANY ($1::text[]) AND state IN ('waiting', 'running')
      AND ($3::bigint IS NULL OR id = $3)
      AND due_at <= now() - $4::double precision * interval '1 second'
    ORDER BY due_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
UPDATE jobs j
SET state = 'running',
    runner = $2,
    due_at = now() + $5::double precision * interval '1 second',
    attempts = j.attempts + 1,
    done = CASE WHEN j.finished_at IS NULL THEN j.done ELSE 0 END,
    failed = CASE WHEN j.finished_at IS NULL THEN j.failed ELSE 0 END,
    worked_seconds = CASE WHEN j.finished_at IS NULL THEN j.worked_seconds ELSE 0 END,
    started_at = CASE WHEN j.finished_at IS NULL THEN COALESCE(j.started_at, now()) ELSE now() END,
    finished_at = NULL
FROM next
WHERE j.id = next.id
RETURNING j.id
