-- What a whole look at the storage did not find: the file has gone, or a row names it again.
DELETE FROM orphans WHERE last_seen_at < $1
