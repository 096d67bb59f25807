-- The uploads of an account are numbered in their order, so that those of the last hour are counted by the first and the
-- last of them, however many lie between.

ALTER TABLE recent_uploads ADD COLUMN number bigint;
UPDATE recent_uploads r SET number = counted.number
FROM (
    SELECT ctid AS place, row_number() OVER (PARTITION BY user_id ORDER BY stored_at) AS number FROM recent_uploads
) counted
WHERE r.ctid = counted.place;
ALTER TABLE recent_uploads ALTER COLUMN number SET NOT NULL, ALTER COLUMN stored_at DROP DEFAULT;

-- The first and the last of a time, and the one of a number.
CREATE INDEX recent_uploads_order_idx ON recent_uploads (user_id, stored_at, number);
CREATE INDEX recent_uploads_number_idx ON recent_uploads (user_id, number);
DROP INDEX recent_uploads_user_idx;

-- Numbers and times go the same way, also where uploads are stored at once: each waits for the one before it to be
-- committed or undone, and its time is no earlier.
CREATE FUNCTION number_upload() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last recent_uploads;
BEGIN
    PERFORM FROM users WHERE id = NEW.user_id FOR NO KEY UPDATE;
    SELECT * INTO last FROM recent_uploads WHERE user_id = NEW.user_id ORDER BY number DESC LIMIT 1;
    NEW.number := coalesce(last.number, 0) + 1;
    NEW.stored_at := coalesce(NEW.stored_at, greatest(last.stored_at, clock_timestamp()));
    RETURN NEW;
END
$$;
CREATE TRIGGER recent_uploads_numbered BEFORE INSERT ON recent_uploads
    FOR EACH ROW EXECUTE FUNCTION number_upload();
