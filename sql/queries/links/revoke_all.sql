-- Every link to an account's images that still opens one.
UPDATE links
SET revoked_at = now()
FROM images
WHERE images.id = links.image_id AND images.user_id = $1
  AND links.revoked_at IS NULL AND links.expires_at > now()
RETURNING links.id
