-- Nobody else changes the user, and nothing that belongs to it is stored, until the commit.
SELECT FROM users WHERE id = $1 FOR UPDATE
