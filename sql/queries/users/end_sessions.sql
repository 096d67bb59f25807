-- Sessions and remembered passwords of the old number end with it.
UPDATE users SET credentials_version = credentials_version + 1 WHERE id = $1
