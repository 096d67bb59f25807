DELETE FROM removed_images
WHERE id IN (SELECT id FROM removed_images WHERE removed_at < now() - interval '90 days' LIMIT $1 FOR UPDATE SKIP LOCKED)
