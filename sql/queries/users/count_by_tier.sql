-- Those without a tier come last.
SELECT t.name AS tier, (SELECT count(*) FROM users u WHERE u.tier_id = t.id) AS users, t.id
FROM tiers t
UNION ALL
SELECT NULL, count(*), NULL FROM users WHERE tier_id IS NULL
ORDER BY id NULLS LAST
