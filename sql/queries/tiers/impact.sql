-- What a change of the tier means for those who have it. $2 are the heights that it is to get, $3 its quota.
WITH members AS (
    SELECT id, stored_bytes FROM users WHERE tier_id = $1
), complete AS (
    SELECT t.image_id
    FROM thumbnails t
    JOIN images i ON i.id = t.image_id
    JOIN members m ON m.id = i.user_id
    WHERE t.height = ANY ($2::integer[])
    GROUP BY t.image_id
    HAVING count(*) = cardinality($2::integer[])
), lacking AS (
    SELECT count(*) AS images,
           sum(i.bytes) AS bytes,
           sum(i.width::bigint * i.height) FILTER (WHERE i.format = 'jpeg') AS jpeg_pixels,
           sum(i.width::bigint * i.height) FILTER (WHERE i.format = 'png') AS png_pixels
    FROM images i
    JOIN members m ON m.id = i.user_id
    WHERE cardinality($2::integer[]) > 0
      AND NOT EXISTS (SELECT FROM complete c WHERE c.image_id = i.id)
)
SELECT l.images AS lacking_images,
       COALESCE(l.bytes, 0)::bigint AS lacking_bytes,
       COALESCE(l.jpeg_pixels, 0)::bigint AS lacking_jpeg_pixels,
       COALESCE(l.png_pixels, 0)::bigint AS lacking_png_pixels,
       (SELECT count(*)
        FROM links k
        JOIN images i ON i.id = k.image_id
        JOIN members m ON m.id = i.user_id
        WHERE k.expires_at > now() AND k.revoked_at IS NULL
          AND (k.max_uses IS NULL OR k.uses < k.max_uses)) AS live_links,
       (SELECT count(*) FROM members WHERE stored_bytes > $3::bigint) AS over_quota
FROM lacking l
