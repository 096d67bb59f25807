-- As count_due.sql, after the key $4.
SELECT key
FROM orphans
WHERE last_seen_at >= $3
  AND first_seen_at <= now() - $1::double precision * interval '1 second'
  AND node_seen_at <= $2::timestamptz - $1::double precision * interval '1 second'
  AND key > $4
ORDER BY key
LIMIT $5
