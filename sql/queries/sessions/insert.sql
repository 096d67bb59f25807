-- Ended sessions of the same user go on the way, so that the table holds no more than what is alive.
WITH logged_in AS (
    UPDATE users SET last_login_at = now() WHERE id = $2
), swept AS (
    DELETE FROM sessions
    WHERE user_id = $2
      AND (credentials_version <> $3
           OR last_used_at < now() - interval '14 days'
           OR created_at < now() - interval '90 days')
)
INSERT INTO sessions (digest, user_id, credentials_version)
VALUES ($1, $2, $3)
