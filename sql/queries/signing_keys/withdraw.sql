UPDATE signing_keys SET withdrawn_at = now() WHERE id = $1
