INSERT INTO orphans (key, bytes, node_seen_at)
SELECT key, bytes, $3::timestamptz
FROM unnest($1::text[], $2::bigint[]) AS seen (key, bytes)
ON CONFLICT (key) DO UPDATE SET last_seen_at = now(), bytes = EXCLUDED.bytes
