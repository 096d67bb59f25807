-- Never the last one: without a key no link can be made. Of two withdrawals at once the second waits for the first.
WITH live AS (
    SELECT id FROM signing_keys WHERE withdrawn_at IS NULL ORDER BY id FOR UPDATE
)
UPDATE signing_keys
SET withdrawn_at = COALESCE(withdrawn_at, now())
WHERE id = $1
  AND (withdrawn_at IS NOT NULL OR EXISTS (SELECT FROM live WHERE live.id <> $1))
