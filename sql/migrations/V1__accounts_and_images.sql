-- Tiers, users, sessions, tokens, images, links, the audit log, and the notices by which every node learns what
-- changed.

CREATE TABLE tiers (
    id                  bigint GENERATED ALWAYS AS IDENTITY,
    name                text NOT NULL,
    -- In the order in which an upload answers them.
    thumbnail_heights   integer[] NOT NULL,
    original_link       boolean NOT NULL,
    expiring_links      boolean NOT NULL,
    -- NULL: the server's own limit.
    max_upload_bytes    bigint,
    storage_quota_bytes bigint,
    uploads_per_hour    bigint,
    created_at          timestamptz NOT NULL DEFAULT now(),
    -- Counts up with each change; kept by the trigger tiers_versioned.
    version             bigint NOT NULL DEFAULT 1,
    CONSTRAINT tiers_pkey PRIMARY KEY (id),
    CONSTRAINT tiers_name_key UNIQUE (name),
    CONSTRAINT tiers_name_length CHECK (char_length(name) BETWEEN 1 AND 50),
    CONSTRAINT tiers_heights_count CHECK (cardinality(thumbnail_heights) BETWEEN 1 AND 10),
    CONSTRAINT tiers_heights_range CHECK (1 <= ALL (thumbnail_heights) AND 1000 >= ALL (thumbnail_heights)),
    CONSTRAINT tiers_limits_positive
        CHECK (max_upload_bytes > 0 AND storage_quota_bytes > 0 AND uploads_per_hour > 0)
);

CREATE TABLE users (
    id                  bigint GENERATED ALWAYS AS IDENTITY,
    username            text NOT NULL,
    email               text,
    -- PHC string of Argon2id.
    password_hash       text NOT NULL,
    tier_id             bigint,
    -- What the user may do as staff. NULL: nothing.
    role                text,
    is_active           boolean NOT NULL DEFAULT true,
    -- Counts up with each new password and each deactivation: a session or a remembered password
    -- of an earlier number is worth nothing, on every node, without looking for it.
    credentials_version bigint NOT NULL DEFAULT 1,
    -- What the images below sum up to; kept by the trigger images_counted.
    image_count         bigint NOT NULL DEFAULT 0,
    stored_bytes        bigint NOT NULL DEFAULT 0,
    created_at          timestamptz NOT NULL DEFAULT now(),
    last_login_at       timestamptz,
    -- Counts up with each change of what the account is, not of what it has used; kept by the trigger users_versioned.
    version             bigint NOT NULL DEFAULT 1,
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_username_key UNIQUE (username),
    CONSTRAINT users_username_length CHECK (char_length(username) BETWEEN 1 AND 150),
    CONSTRAINT users_role_known CHECK (role IN ('viewer', 'manager', 'superuser')),
    -- A tier in use cannot be deleted.
    CONSTRAINT users_tier_fkey FOREIGN KEY (tier_id) REFERENCES tiers (id) ON DELETE RESTRICT
);
CREATE INDEX users_tier_idx ON users (tier_id);
-- By what names and addresses begin with, upper and lower case alike.
CREATE INDEX users_username_search_idx ON users (lower(username) text_pattern_ops);
CREATE INDEX users_email_search_idx ON users (lower(email) text_pattern_ops);
-- Who has the most in store. Each upload writes it, for a list that would else sort every user.
CREATE INDEX users_stored_bytes_idx ON users (stored_bytes, id);
CREATE INDEX users_role_idx ON users (role) WHERE role IS NOT NULL;

CREATE TABLE sessions (
    -- SHA-256 of the id in the cookie: whoever reads this table cannot log in with it.
    digest              bytea,
    user_id             bigint NOT NULL,
    credentials_version bigint NOT NULL,
    created_at          timestamptz NOT NULL DEFAULT now(),
    last_used_at        timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT sessions_pkey PRIMARY KEY (digest),
    CONSTRAINT sessions_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX sessions_user_idx ON sessions (user_id);
-- Everybody's, the last login first.
CREATE INDEX sessions_login_idx ON sessions (created_at, digest);

CREATE TABLE api_tokens (
    id           uuid,
    user_id      bigint NOT NULL,
    name         text NOT NULL,
    scopes       text[] NOT NULL,
    -- SHA-256 of the key, which is shown once and kept nowhere.
    digest       bytea NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz,
    -- Written now and then, not at each use.
    last_used_at timestamptz,
    CONSTRAINT api_tokens_pkey PRIMARY KEY (id),
    CONSTRAINT api_tokens_digest_key UNIQUE (digest),
    CONSTRAINT api_tokens_scopes_known CHECK (scopes <@ '{upload,read,delete,links}' AND cardinality(scopes) > 0),
    CONSTRAINT api_tokens_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX api_tokens_user_idx ON api_tokens (user_id, created_at);
CREATE INDEX api_tokens_created_idx ON api_tokens (created_at, id);

CREATE TABLE images (
    -- UUIDv7: the newest image has the largest id.
    id          uuid,
    user_id     bigint NOT NULL,
    format      text NOT NULL,
    -- As a person sees the picture, EXIF orientation applied.
    width       integer NOT NULL,
    height      integer NOT NULL,
    bytes       bigint NOT NULL,
    sha256      bytea NOT NULL,
    -- The uploader's name for it.
    file_name   text NOT NULL,
    -- Random; the unguessable part of each media URL is derived from it and the size, so that the URL of
    -- one size tells nothing about another's.
    media_key   bytea NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT images_pkey PRIMARY KEY (id),
    CONSTRAINT images_format_known CHECK (format IN ('jpeg', 'png')),
    CONSTRAINT images_dimensions_positive CHECK (width > 0 AND height > 0),
    CONSTRAINT images_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
-- An account's images, newest first.
CREATE INDEX images_user_idx ON images (user_id, id DESC);
-- What staff look through: everybody's images and one user's, by time, the large and small ones, and those whose names
-- begin alike.
CREATE INDEX images_created_idx ON images (created_at, id);
CREATE INDEX images_user_created_idx ON images (user_id, created_at, id);
CREATE INDEX images_bytes_idx ON images (bytes, id);
CREATE INDEX images_file_name_idx ON images (lower(file_name) text_pattern_ops);

-- The stored uploads of the last hour, by which the tier's rate is measured: a deleted image still counts.
CREATE TABLE recent_uploads (
    user_id   bigint NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT recent_uploads_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX recent_uploads_user_idx ON recent_uploads (user_id, stored_at);

-- What an upload with an Idempotency-Key was answered.
CREATE TABLE idempotency_keys (
    user_id     bigint,
    key         text,
    -- SHA-256 of what was uploaded: the same key with other content is a mistake.
    fingerprint bytea NOT NULL,
    -- Of the attempt that may write the answer. One that takes longer than its lease is taken over.
    attempt     uuid NOT NULL,
    began_at    timestamptz NOT NULL DEFAULT now(),
    -- NULL while the attempt runs.
    location    text,
    body        text,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (user_id, key),
    CONSTRAINT idempotency_keys_user_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX idempotency_keys_age_idx ON idempotency_keys (began_at);

CREATE TABLE thumbnails (
    image_id    uuid,
    -- The height that the tier asked for; a small picture's thumbnail is lower.
    height      integer,
    bytes       bigint NOT NULL,
    sha256      bytea NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT thumbnails_pkey PRIMARY KEY (image_id, height),
    CONSTRAINT thumbnails_image_fkey FOREIGN KEY (image_id) REFERENCES images (id) ON DELETE CASCADE
);

CREATE TABLE signing_keys (
    id           integer GENERATED ALWAYS AS IDENTITY,
    -- The key itself is derived from this and the service's secret: the table alone forges no link.
    salt         bytea NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    -- From then on its links are refused.
    withdrawn_at timestamptz,
    CONSTRAINT signing_keys_pkey PRIMARY KEY (id)
);

CREATE TABLE links (
    id         uuid,
    image_id   uuid NOT NULL,
    -- NULL: the original; else the height of a thumbnail.
    height     integer,
    key_id     integer NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    -- NULL: any number.
    max_uses   integer,
    uses       integer NOT NULL DEFAULT 0,
    last_used_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT links_max_uses_positive CHECK (max_uses > 0),
    CONSTRAINT links_pkey PRIMARY KEY (id),
    CONSTRAINT links_image_fkey FOREIGN KEY (image_id) REFERENCES images (id) ON DELETE CASCADE,
    CONSTRAINT links_key_fkey FOREIGN KEY (key_id) REFERENCES signing_keys (id)
);
CREATE INDEX links_image_idx ON links (image_id, created_at);
-- What staff look through: those that can still be opened come first.
CREATE INDEX links_expiry_idx ON links (expires_at, id);
-- How many links end with a key that is withdrawn.
CREATE INDEX links_key_idx ON links (key_id, expires_at);

-- Who has just opened a link whose uses are limited: opening it again within a minute counts as the same use.
CREATE TABLE link_openings (
    link_id   uuid,
    -- A keyed digest of address and user agent: nobody can be told from it.
    client    bytea,
    opened_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT link_openings_pkey PRIMARY KEY (link_id, client),
    CONSTRAINT link_openings_link_fkey FOREIGN KEY (link_id) REFERENCES links (id) ON DELETE CASCADE
);

-- Who changed what, from what to what. Nothing in it refers to a row that may go.
CREATE TABLE audit_log (
    id          bigint GENERATED ALWAYS AS IDENTITY,
    at          timestamptz NOT NULL DEFAULT now(),
    -- NULL: somebody on the command line.
    actor_id    bigint,
    actor_name  text,
    object_kind text NOT NULL,
    object_id   text NOT NULL,
    object_name text NOT NULL,
    action      text NOT NULL,
    -- {field: [from, to]}, never a secret.
    changes     jsonb NOT NULL,
    CONSTRAINT audit_log_pkey PRIMARY KEY (id),
    CONSTRAINT audit_log_actor_named CHECK ((actor_id IS NULL) = (actor_name IS NULL))
);
-- What happened to one object, newest first.
CREATE INDEX audit_log_object_idx ON audit_log (object_kind, object_id, id DESC);
-- What somebody did, and what was done in a time.
CREATE INDEX audit_log_actor_idx ON audit_log (actor_name, id);
CREATE INDEX audit_log_at_idx ON audit_log (at);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is written once', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER audit_log_written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION count_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    RETURN NEW;
END
$$;
CREATE TRIGGER tiers_versioned BEFORE UPDATE ON tiers
    FOR EACH ROW WHEN (NEW.* IS DISTINCT FROM OLD.*) EXECUTE FUNCTION count_version();
CREATE TRIGGER users_versioned BEFORE UPDATE ON users
    FOR EACH ROW WHEN (
        (NEW.username, NEW.email, NEW.password_hash, NEW.tier_id, NEW.role, NEW.is_active, NEW.credentials_version)
        IS DISTINCT FROM
        (OLD.username, OLD.email, OLD.password_hash, OLD.tier_id, OLD.role, OLD.is_active, OLD.credentials_version))
    EXECUTE FUNCTION count_version();

-- Without an active superuser nobody could make another one. Of two that are taken away at once, the second waits for
-- the first's transaction and sees what it did.
CREATE FUNCTION keep_a_superuser() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.role = 'superuser' AND NEW.is_active THEN
        RETURN NEW;
    END IF;
    PERFORM pg_advisory_xact_lock(TG_RELID::bigint);
    IF NOT EXISTS (SELECT FROM users WHERE role = 'superuser' AND is_active AND id <> OLD.id) THEN
        RAISE EXCEPTION 'the last active superuser stays'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'users_last_superuser';
    END IF;
    RETURN COALESCE(NEW, OLD);
END
$$;
CREATE TRIGGER users_last_superuser BEFORE DELETE OR UPDATE OF role, is_active ON users
    FOR EACH ROW WHEN (OLD.role = 'superuser' AND OLD.is_active) EXECUTE FUNCTION keep_a_superuser();

-- Keeps users.image_count and users.stored_bytes, whoever adds or removes images.
CREATE FUNCTION count_images() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE users SET image_count = image_count + 1, stored_bytes = stored_bytes + NEW.bytes
        WHERE id = NEW.user_id;
    ELSE
        UPDATE users SET image_count = image_count - 1, stored_bytes = stored_bytes - OLD.bytes
        WHERE id = OLD.user_id;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER images_counted AFTER INSERT OR DELETE ON images
    FOR EACH ROW EXECUTE FUNCTION count_images();

-- Tells every listening node "<kind> <id>" once the change is committed. The triggers' arguments are the
-- kind and the column that identifies the row.
CREATE FUNCTION tell_what_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('tierpix_changed', TG_ARGV[0] || ' ' || (to_jsonb(COALESCE(OLD, NEW)) ->> TG_ARGV[1]));
    RETURN NULL;
END
$$;

CREATE TRIGGER tiers_changed AFTER UPDATE OR DELETE ON tiers
    FOR EACH ROW EXECUTE FUNCTION tell_what_changed('tier', 'id');
-- Not for last_login_at, which no cache holds.
CREATE TRIGGER users_changed AFTER DELETE OR UPDATE OF
    username, email, password_hash, tier_id, role, is_active, credentials_version ON users
    FOR EACH ROW EXECUTE FUNCTION tell_what_changed('user', 'id');
CREATE TRIGGER sessions_changed AFTER DELETE ON sessions
    FOR EACH ROW EXECUTE FUNCTION tell_what_changed('session', 'digest');
CREATE TRIGGER api_tokens_changed AFTER DELETE ON api_tokens
    FOR EACH ROW EXECUTE FUNCTION tell_what_changed('token', 'digest');
CREATE TRIGGER images_changed AFTER UPDATE OR DELETE ON images
    FOR EACH ROW EXECUTE FUNCTION tell_what_changed('image', 'id');
CREATE TRIGGER thumbnails_changed AFTER UPDATE ON thumbnails
    FOR EACH ROW EXECUTE FUNCTION tell_what_changed('image', 'image_id');
CREATE TRIGGER links_changed AFTER DELETE OR UPDATE OF revoked_at, expires_at, max_uses ON links
    FOR EACH ROW EXECUTE FUNCTION tell_what_changed('link', 'id');
CREATE TRIGGER signing_keys_changed AFTER INSERT OR UPDATE OR DELETE ON signing_keys
    FOR EACH ROW EXECUTE FUNCTION tell_what_changed('key', 'id');
