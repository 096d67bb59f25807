-- What every new service has: the three tiers, and a first key that signs links.

INSERT INTO tiers (name, thumbnail_heights, original_link, expiring_links)
VALUES ('Basic', '{200}', false, false),
       ('Premium', '{200,400}', true, false),
       ('Enterprise', '{200,400}', true, true);

-- gen_random_uuid() draws on the operating system's randomness.
INSERT INTO signing_keys (salt)
VALUES (decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));
