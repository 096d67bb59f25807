-- Whose name is not as it is read when somebody types it: see V6__usernames.sql.
SELECT id, username, btrim(normalize(username, NFKC)) AS normal
FROM users
WHERE getdatabaseencoding() = 'UTF8' AND username <> btrim(normalize(username, NFKC))
ORDER BY id
LIMIT 100
