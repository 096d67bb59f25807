-- A list's order and its place to begin at are added by db/pages.rs.
SELECT l.id, l.at, l.actor_id, l.actor_name, l.object_kind, l.object_id, l.object_name, l.action,
       l.changes::text AS changes
FROM audit_log l
WHERE ($1::text IS NULL OR l.object_kind = $1)
  AND ($2::text IS NULL OR l.object_id = $2)
  AND ($3::text IS NULL OR l.actor_name = $3)
  AND ($4::timestamptz IS NULL OR l.at >= $4)
  AND ($5::timestamptz IS NULL OR l.at < $5)
