SELECT EXISTS (
    SELECT FROM link_openings
    WHERE link_id = $1 AND client = $2 AND opened_at > now() - interval '60 seconds'
)
