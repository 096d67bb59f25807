-- Never the last one: without a key no link can be made.
UPDATE signing_keys
SET withdrawn_at = COALESCE(withdrawn_at, now())
WHERE id = $1
  AND (withdrawn_at IS NOT NULL
       OR EXISTS (SELECT FROM signing_keys other WHERE other.id <> $1 AND other.withdrawn_at IS NULL))
