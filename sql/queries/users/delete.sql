-- users_last_superuser refuses it for the last active superuser.
DELETE FROM users WHERE id = $1
