-- The next images after $1 by id, and which of them lack a thumbnail that their owner's tier has: that is not there, or
-- is older than $4. $3 picks a tier.
WITH page AS (
    SELECT id, user_id FROM images WHERE id > $1 ORDER BY id LIMIT $2
)
SELECT p.id, EXISTS (
    SELECT
    FROM users u
    JOIN tiers t ON t.id = u.tier_id
    CROSS JOIN unnest(t.thumbnail_heights) AS wanted (height)
    WHERE u.id = p.user_id
      AND ($3::bigint IS NULL OR t.id = $3)
      AND NOT EXISTS (
          SELECT FROM thumbnails m
          WHERE m.image_id = p.id AND m.height = wanted.height
            AND ($4::timestamptz IS NULL OR m.created_at >= $4)
      )
) AS lacks
FROM page p
ORDER BY p.id
