SELECT k.id, k.salt, k.created_at, k.withdrawn_at
FROM signing_keys k
ORDER BY k.id
