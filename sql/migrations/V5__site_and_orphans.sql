-- Whose storage it is, and what keeps a sweep from removing files that somebody still needs.

-- One row: the site. The storage has a marker with the same id, so that neither is used with another one's by mistake.
CREATE TABLE site (
    only_one      boolean NOT NULL DEFAULT true,
    id            uuid NOT NULL DEFAULT gen_random_uuid(),
    created_at    timestamptz NOT NULL DEFAULT now(),
    -- The id in the marker of the storage in use, and where that is. NULL: no storage was marked yet.
    storage_id    uuid,
    storage_url   text,
    -- Both change with each sweep, and so does the marker: one of the two stands there. If neither does, another copy of
    -- this database has swept the same storage, or this one is older than the storage knows.
    sweep_token   uuid,
    sweep_pending uuid,
    -- Of a sweep that stopped: why, since when, how many files it would have removed of how many.
    held_cause    text,
    held_since    timestamptz,
    held_files    bigint,
    held_objects  bigint,
    -- How many files staff allow the next sweep to remove, whatever their share.
    allowed_files bigint,
    CONSTRAINT site_pkey PRIMARY KEY (only_one),
    CONSTRAINT site_only_one CHECK (only_one),
    CONSTRAINT site_held_cause_known CHECK (held_cause IN ('many', 'diverged'))
);
INSERT INTO site DEFAULT VALUES;

-- Stored files that no row names. One is removed only after it has been here for the grace period, by the clock of the
-- database and by that of the node that saw it first.
CREATE TABLE orphans (
    key           text,
    bytes         bigint NOT NULL,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    node_seen_at  timestamptz NOT NULL,
    last_seen_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT orphans_pkey PRIMARY KEY (key)
);
CREATE INDEX orphans_last_seen_idx ON orphans (last_seen_at);

-- Images that were deleted on purpose. A file of one that a crash left behind needs no grace period.
CREATE TABLE removed_images (
    id         uuid,
    removed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT removed_images_pkey PRIMARY KEY (id)
);
CREATE INDEX removed_images_age_idx ON removed_images (removed_at);

CREATE FUNCTION note_removed_images() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO removed_images (id) SELECT id FROM gone ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER images_removed AFTER DELETE ON images REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION note_removed_images();
