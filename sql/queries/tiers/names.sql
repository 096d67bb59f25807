SELECT name FROM tiers ORDER BY id
