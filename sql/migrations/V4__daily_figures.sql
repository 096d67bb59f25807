-- What happened on each day, so that the admin panel's charts need not count a million rows.

CREATE TABLE daily_figures (
    -- In UTC.
    day           date,
    -- Connections count in rows of their own: with one row for all, uploads would wait for each other's commits.
    shard         smallint,
    uploads       bigint NOT NULL DEFAULT 0,
    -- Of originals.
    bytes_added   bigint NOT NULL DEFAULT 0,
    bytes_removed bigint NOT NULL DEFAULT 0,
    links_opened  bigint NOT NULL DEFAULT 0,
    CONSTRAINT daily_figures_pkey PRIMARY KEY (day, shard)
);

-- The last lock that a statement takes: whoever holds it waits for nobody.
CREATE FUNCTION add_to_day(uploads bigint, bytes_added bigint, bytes_removed bigint, links_opened bigint)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO daily_figures AS f (day, shard, uploads, bytes_added, bytes_removed, links_opened)
    VALUES ((now() AT TIME ZONE 'UTC')::date, pg_backend_pid() % 16, $1, $2, $3, $4)
    ON CONFLICT ON CONSTRAINT daily_figures_pkey DO UPDATE
    SET uploads = f.uploads + excluded.uploads,
        bytes_added = f.bytes_added + excluded.bytes_added,
        bytes_removed = f.bytes_removed + excluded.bytes_removed,
        links_opened = f.links_opened + excluded.links_opened
$$;

-- A statement at a time: a user's deletion removes tens of thousands of images in one.
CREATE FUNCTION figure_images() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    number bigint;
    total  bigint;
BEGIN
    SELECT count(*), COALESCE(sum(c.bytes), 0) INTO number, total FROM changed c;
    IF number = 0 THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        PERFORM add_to_day(number, total, 0, 0);
    ELSE
        PERFORM add_to_day(0, 0, total, 0);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER images_figured_in AFTER INSERT ON images
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION figure_images();
CREATE TRIGGER images_figured_out AFTER DELETE ON images
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION figure_images();

CREATE FUNCTION figure_links() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    opened bigint;
BEGIN
    SELECT COALESCE(sum(a.uses - b.uses), 0) INTO opened FROM after a JOIN before b ON b.id = a.id;
    IF opened > 0 THEN
        PERFORM add_to_day(0, 0, 0, opened);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER links_figured AFTER UPDATE ON links
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION figure_links();
