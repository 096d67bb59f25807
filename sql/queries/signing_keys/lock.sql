-- Of two withdrawals at once the second waits for the first.
SELECT id, withdrawn_at
FROM signing_keys
ORDER BY id
FOR UPDATE
