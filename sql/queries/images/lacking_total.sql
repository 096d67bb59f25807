-- All images that lack a thumbnail, as lacking_page.sql says.
SELECT count(*) AS images,
       COALESCE(sum(i.bytes), 0)::bigint AS bytes,
       COALESCE(sum(i.width::bigint * i.height) FILTER (WHERE i.format = 'jpeg'), 0)::bigint AS jpeg_pixels,
       COALESCE(sum(i.width::bigint * i.height) FILTER (WHERE i.format = 'png'), 0)::bigint AS png_pixels
FROM images i
JOIN users u ON u.id = i.user_id
JOIN tiers t ON t.id = u.tier_id
WHERE ($1::bigint IS NULL OR t.id = $1)
  AND cardinality(t.thumbnail_heights) > (
      SELECT count(*) FROM thumbnails m
      WHERE m.image_id = i.id AND m.height = ANY (t.thumbnail_heights)
        AND ($2::timestamptz IS NULL OR m.created_at >= $2)
  )
