DELETE FROM tiers WHERE id = $1
