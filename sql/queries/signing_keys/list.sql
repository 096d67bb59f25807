SELECT id, salt, withdrawn_at
FROM signing_keys
ORDER BY id
