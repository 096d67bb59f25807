-- An upload sweeps those of its own account; these are of accounts that upload no more.
DELETE FROM recent_uploads
WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM recent_uploads WHERE stored_at < now() - interval '1 hour' LIMIT $1
))
