-- Seen since $3 for the last time, and for the first time so long ago by both clocks.
SELECT count(*) AS files, COALESCE(sum(bytes), 0)::bigint AS bytes
FROM orphans
WHERE last_seen_at >= $3
  AND first_seen_at <= now() - $1::double precision * interval '1 second'
  AND node_seen_at <= $2::timestamptz - $1::double precision * interval '1 second'
