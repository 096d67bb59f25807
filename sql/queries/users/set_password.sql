-- Sessions and remembered passwords of the old number end with it.
UPDATE users
SET password_hash = $2, credentials_version = credentials_version + 1
WHERE username = $1
