-- What a change of the tier means for those who have it. $2 are the heights that it is to get, $3 its quota. If its users
-- have more than $4 images, about 500 pages of the table stand for all of them.
WITH total AS (
    SELECT COALESCE(sum(image_count), 0)::bigint AS images,
           count(*) FILTER (WHERE stored_bytes > $3::bigint) AS over_quota
    FROM users
    WHERE tier_id = $1
), looked_at AS (
    SELECT i.id, i.bytes, i.format, i.width::bigint * i.height AS pixels
    FROM users u
    JOIN images i ON i.user_id = u.id
    WHERE u.tier_id = $1 AND (SELECT images FROM total) <= $4::bigint
    UNION ALL
    SELECT i.id, i.bytes, i.format, i.width::bigint * i.height
    FROM images i TABLESAMPLE SYSTEM (
        (SELECT least(100, 50000.0 / greatest(relpages, 1)) FROM pg_class WHERE oid = 'images'::regclass)
    )
    JOIN users u ON u.id = i.user_id
    WHERE u.tier_id = $1 AND (SELECT images FROM total) > $4::bigint
), of_each AS MATERIALIZED (
    SELECT l.bytes, l.format, l.pixels,
           cardinality($2::integer[]) > (
               SELECT count(*) FROM thumbnails t WHERE t.image_id = l.id AND t.height = ANY ($2::integer[])
           ) AS is_lacking,
           (SELECT count(*)
            FROM links k
            WHERE k.image_id = l.id AND k.expires_at > now() AND k.revoked_at IS NULL
              AND (k.max_uses IS NULL OR k.uses < k.max_uses)) AS live_links
    FROM looked_at l
), counted AS (
    SELECT count(*) AS images,
           count(*) FILTER (WHERE is_lacking) AS lacking_images,
           sum(bytes) FILTER (WHERE is_lacking) AS lacking_bytes,
           sum(pixels) FILTER (WHERE is_lacking AND format = 'jpeg') AS lacking_jpeg_pixels,
           sum(pixels) FILTER (WHERE is_lacking AND format = 'png') AS lacking_png_pixels,
           sum(live_links) AS live_links
    FROM of_each
), scale AS (
    SELECT CASE WHEN t.images > $4::bigint THEN t.images::numeric / nullif(c.images, 0) ELSE 1 END AS each
    FROM total t
    CROSS JOIN counted c
)
SELECT t.images > $4::bigint AS is_estimate,
       COALESCE(c.lacking_images * s.each, 0)::bigint AS lacking_images,
       COALESCE(c.lacking_bytes * s.each, 0)::bigint AS lacking_bytes,
       COALESCE(c.lacking_jpeg_pixels * s.each, 0)::bigint AS lacking_jpeg_pixels,
       COALESCE(c.lacking_png_pixels * s.each, 0)::bigint AS lacking_png_pixels,
       COALESCE(c.live_links * s.each, 0)::bigint AS live_links,
       t.over_quota
FROM total t
CROSS JOIN counted c
CROSS JOIN scale s
