-- What goes when the user does; $2 is how many of each kind are named. Sessions live as long as auth/session.rs lets
-- them.
SELECT (SELECT count(*) FROM api_tokens k WHERE k.user_id = u.id) AS tokens,
       ARRAY(SELECT k.name FROM api_tokens k WHERE k.user_id = u.id ORDER BY k.created_at LIMIT $2) AS token_names,
       (SELECT count(*) FROM sessions s
        WHERE s.user_id = u.id AND s.credentials_version = u.credentials_version
          AND s.last_used_at > now() - interval '14 days'
          AND s.created_at > now() - interval '90 days') AS sessions,
       (SELECT count(*) FROM links l JOIN images i ON i.id = l.image_id
        WHERE i.user_id = u.id AND l.revoked_at IS NULL AND l.expires_at > now()) AS live_links,
       ARRAY(SELECT i.file_name FROM images i WHERE i.user_id = u.id ORDER BY i.id DESC LIMIT $2) AS image_names
FROM users u
WHERE u.id = $1
