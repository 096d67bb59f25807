-- Nobody else changes the tier, and no user gets it, until the commit.
SELECT FROM tiers WHERE id = $1 FOR UPDATE
