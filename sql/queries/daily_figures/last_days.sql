-- The last $1 days in UTC, today the last of them, also those on which nothing happened.
WITH figures AS (
    SELECT day, sum(uploads) AS uploads, sum(bytes_added - bytes_removed) AS bytes, sum(links_opened) AS links_opened
    FROM daily_figures
    GROUP BY day
), days AS (
    SELECT (now() AT TIME ZONE 'UTC')::date - n AS day FROM generate_series(0, $1::integer - 1) n
)
SELECT d.day,
       COALESCE(f.uploads, 0)::bigint AS uploads,
       COALESCE(f.links_opened, 0)::bigint AS links_opened,
       (SELECT COALESCE(sum(e.bytes), 0) FROM figures e WHERE e.day <= d.day)::bigint AS stored_bytes
FROM days d
LEFT JOIN figures f ON f.day = d.day
ORDER BY d.day
