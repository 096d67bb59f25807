-- The tier of this name, which stays until the commit.
SELECT id FROM tiers WHERE name = $1 FOR KEY SHARE
