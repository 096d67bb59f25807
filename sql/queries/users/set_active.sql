-- Deactivating ends the sessions; a user activated again logs in again.
UPDATE users
SET is_active = $2,
    credentials_version = credentials_version + CASE WHEN is_active AND NOT $2 THEN 1 ELSE 0 END
WHERE username = $1
