INSERT INTO audit_log (actor_id, actor_name, object_kind, object_id, object_name, action, changes)
VALUES ($1, $2, $3, $4, $5, $6, $7::text::jsonb)
