-- Work in the background, each piece of it a row: it outlives whoever works on it.

CREATE TABLE jobs (
    id                bigint GENERATED ALWAYS AS IDENTITY,
    kind              text NOT NULL,
    -- Of a backfill. NULL: of every tier. The name is what it was then; the tier may go.
    tier_id           bigint,
    tier_name         text,
    -- Of a backfill: whether thumbnails that are there are made again.
    remake            boolean NOT NULL DEFAULT false,
    -- NULL: it is done once.
    repeat_after      interval,
    state             text NOT NULL DEFAULT 'waiting',
    -- When a runner may take it. Of one that runs: when its runner counts as gone.
    due_at            timestamptz NOT NULL DEFAULT now(),
    -- Who works on it: nobody else may write down what was done.
    runner            uuid,
    -- How often it was taken since it got on last.
    attempts          integer NOT NULL DEFAULT 0,
    -- Behind which image or object to go on. NULL: from the start.
    position          text,
    -- What there is to do. NULL: not counted yet.
    planned           bigint,
    planned_bytes     bigint,
    estimated_seconds double precision,
    done              bigint NOT NULL DEFAULT 0,
    failed            bigint NOT NULL DEFAULT 0,
    worked_seconds    double precision NOT NULL DEFAULT 0,
    last_error        text,
    -- NULL: somebody on the command line, or nobody.
    asked_by          text,
    created_at        timestamptz NOT NULL DEFAULT now(),
    started_at        timestamptz,
    -- Of one that repeats: when it ended last.
    finished_at       timestamptz,
    CONSTRAINT jobs_pkey PRIMARY KEY (id),
    CONSTRAINT jobs_kind_known CHECK (kind IN ('backfill', 'sweep', 'expiry')),
    CONSTRAINT jobs_state_known CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    CONSTRAINT jobs_tier_named CHECK ((tier_id IS NULL) = (tier_name IS NULL))
);
-- What a runner looks for.
CREATE INDEX jobs_due_idx ON jobs (kind, due_at) WHERE state IN ('waiting', 'running');
-- Two backfills of one tier at a time would only be in each other's way.
CREATE UNIQUE INDEX jobs_one_backfill_idx ON jobs (COALESCE(tier_id, 0))
    WHERE kind = 'backfill' AND state IN ('waiting', 'running');
CREATE INDEX jobs_finished_idx ON jobs (finished_at) WHERE state IN ('done', 'failed', 'cancelled');

-- What every service does again and again.
INSERT INTO jobs (kind, repeat_after, due_at)
VALUES ('expiry', interval '10 minutes', now() + interval '10 minutes'),
       ('sweep', interval '1 hour', now() + interval '1 hour');

-- By which the expiry finds what is over, besides indexes that lists have.
CREATE INDEX sessions_last_used_idx ON sessions (last_used_at);
CREATE INDEX api_tokens_expires_idx ON api_tokens (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX recent_uploads_stored_idx ON recent_uploads (stored_at);
CREATE INDEX link_openings_opened_idx ON link_openings (opened_at);
CREATE INDEX signing_keys_withdrawn_idx ON signing_keys (withdrawn_at) WHERE withdrawn_at IS NOT NULL;
