-- A service that has grown: 1,000,000 users and 10,000,000 images over 1000 days. For psql, on an empty database whose
-- migrations are applied; -v users=… -v images=… make it smaller.
--
-- One image in a hundred belongs to user 1, the rest to everybody alike; a tenth has a link, a tenth of the users a
-- session, a twentieth an API token.

\set ON_ERROR_STOP on
\if :{?users} \else \set users 1000000 \endif
\if :{?images} \else \set images 10000000 \endif

-- No triggers: what they keep is summed up at the end.
SET session_replication_role = replica;
SET synchronous_commit = off;

-- The indexes that no constraint needs are built at the end, which takes a fraction of the time.
CREATE TABLE later AS
    SELECT indexname, indexdef FROM pg_indexes
    WHERE tablename IN ('images', 'links') AND indexname NOT LIKE '%\_pkey';
SELECT format('DROP INDEX %I', indexname) FROM later \gexec

INSERT INTO users (username, email, password_hash, tier_id)
SELECT 'user' || lpad(n::text, 7, '0'), 'mail' || n || '@example.org',
       '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 1 + n % 3
FROM generate_series(1, :users) n;

INSERT INTO sessions (digest, user_id, credentials_version)
SELECT sha256(n::text::bytea), n, 1 FROM generate_series(1, :users, 10) n;

INSERT INTO api_tokens (id, user_id, name, scopes, digest)
SELECT gen_random_uuid(), n, 'camera', '{upload}', sha256(n::text::bytea) FROM generate_series(1, :users, 20) n;

INSERT INTO images (id, user_id, format, width, height, bytes, sha256, file_name, media_key, created_at)
SELECT (lpad(to_hex(1709000000000 + n * 86400000000 / :images), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid,
       CASE WHEN n % 100 = 0 THEN 1 ELSE 1 + n * 7919 % :users END,
       CASE WHEN n % 5 = 0 THEN 'png' ELSE 'jpeg' END, 4000, 3000, 1000000 + n * 7919 % 5000000,
       sha256(n::text::bytea), 'IMG_' || n || '.jpg', sha256((-n)::text::bytea),
       to_timestamp(1709000000 + n * 86400000.0 / :images)
FROM generate_series(1, :images::bigint) n;

INSERT INTO thumbnails (image_id, height, bytes, sha256)
SELECT i.id, wanted.height, 8000 + i.bytes % 20000, i.sha256
FROM images i
JOIN users u ON u.id = i.user_id
JOIN tiers t ON t.id = u.tier_id
CROSS JOIN unnest(t.thumbnail_heights) wanted (height);

INSERT INTO links (id, image_id, key_id, expires_at)
SELECT gen_random_uuid(), id, 1, now() + interval '1 day' * (bytes % 3) FROM images WHERE bytes % 10 = 0;

SELECT indexdef FROM later \gexec
DROP TABLE later;

UPDATE users SET (image_count, stored_bytes) = (sums.images, sums.bytes)
FROM (SELECT user_id, count(*) AS images, sum(bytes) AS bytes FROM images GROUP BY user_id) sums
WHERE id = sums.user_id;
INSERT INTO daily_figures (day, shard, uploads, bytes_added)
SELECT (created_at AT TIME ZONE 'UTC')::date, extract(epoch FROM created_at)::bigint % 16, count(*), sum(bytes)
FROM images GROUP BY 1, 2;

-- What the sums have left behind is not what this is about.
VACUUM (FULL) users;
VACUUM (ANALYZE);
