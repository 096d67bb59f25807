SELECT id FROM removed_images WHERE id = ANY ($1::uuid[])
