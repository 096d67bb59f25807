-- One of these tokens stands in the marker of the storage, unless another copy of this database has used it since. Each start
-- of a service and each sweep adds one; nodes that do so at once add theirs beside each other.
ALTER TABLE site ADD COLUMN tokens uuid[] NOT NULL DEFAULT '{}';
UPDATE site SET tokens = array_remove(ARRAY[sweep_token, sweep_pending], NULL);
ALTER TABLE site DROP COLUMN sweep_token, DROP COLUMN sweep_pending;
