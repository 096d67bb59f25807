DELETE FROM jobs
WHERE id = ANY (ARRAY(
    SELECT id FROM jobs
    WHERE state IN ('done', 'failed', 'cancelled') AND finished_at < now() - interval '30 days'
    LIMIT $1
))
