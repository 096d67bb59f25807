-- Whether a link would open for this client.
SELECT EXISTS (
    SELECT FROM links
    WHERE id = $1 AND revoked_at IS NULL
      AND (max_uses IS NULL
           OR uses < max_uses
           OR EXISTS (SELECT FROM link_openings
                      WHERE link_id = $1 AND client = $2 AND opened_at > now() - interval '60 seconds'))
)
