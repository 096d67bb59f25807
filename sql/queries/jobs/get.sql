SELECT j.id, j.kind, j.tier_id, j.tier_name, j.remake, j.repeat_after IS NOT NULL AS repeats, j.state, j.attempts,
       j.position, j.planned, j.planned_bytes, j.estimated_seconds, j.done, j.failed, j.worked_seconds, j.last_error,
       j.asked_by, j.created_at, j.started_at, j.finished_at
FROM jobs j
WHERE j.id = $1
