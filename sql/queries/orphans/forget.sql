DELETE FROM orphans WHERE key = ANY ($1::text[])
