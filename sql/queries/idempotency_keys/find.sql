-- As long as it counts: claim.sql takes over what is older.
SELECT fingerprint, location, body
FROM idempotency_keys
WHERE user_id = $1 AND key = $2
  AND began_at >= now() - interval '24 hours'
  AND (body IS NOT NULL OR began_at >= now() - interval '2 minutes')
