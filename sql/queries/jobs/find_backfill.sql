-- The backfill of a tier, or of all, that has not ended.
SELECT id
FROM jobs
WHERE kind = 'backfill' AND state IN ('waiting', 'running') AND COALESCE(tier_id, 0) = COALESCE($1::bigint, 0)
