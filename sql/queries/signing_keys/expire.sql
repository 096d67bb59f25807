-- Withdrawn long ago, and no row of a link tells of them any more.
DELETE FROM signing_keys
WHERE id = ANY (ARRAY(
    SELECT k.id FROM signing_keys k
    WHERE k.withdrawn_at < now() - interval '30 days'
      AND NOT EXISTS (SELECT FROM links l WHERE l.key_id = k.id)
    LIMIT $1
))
