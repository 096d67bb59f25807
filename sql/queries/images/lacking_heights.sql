-- What one image lacks, as lacking_page.sql says, in this moment.
SELECT COALESCE(array_agg(wanted.height), '{}') AS heights
FROM images i
JOIN users u ON u.id = i.user_id
JOIN tiers t ON t.id = u.tier_id
CROSS JOIN unnest(t.thumbnail_heights) AS wanted (height)
WHERE i.id = $1
  AND ($2::bigint IS NULL OR t.id = $2)
  AND NOT EXISTS (
      SELECT FROM thumbnails m
      WHERE m.image_id = i.id AND m.height = wanted.height
        AND ($3::timestamptz IS NULL OR m.created_at >= $3)
  )
