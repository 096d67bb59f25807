INSERT INTO jobs (kind, tier_id, tier_name, remake, asked_by)
VALUES ('backfill', $1, $2, $3, $4)
ON CONFLICT (COALESCE(tier_id, 0)) WHERE kind = 'backfill' AND state IN ('waiting', 'running') DO NOTHING
RETURNING id
