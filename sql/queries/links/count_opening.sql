WITH used AS (
    UPDATE links SET uses = uses + 1, last_used_at = now() WHERE id = $1
)
INSERT INTO link_openings (link_id, client)
VALUES ($1, $2)
ON CONFLICT ON CONSTRAINT link_openings_pkey DO UPDATE SET opened_at = now()
