-- users_tier_fkey refuses it while a user has the tier.
DELETE FROM tiers WHERE id = $1
