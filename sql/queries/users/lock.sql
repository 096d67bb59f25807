-- One upload of an account at a time from here to the commit, so that a limit is met exactly.
SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE
