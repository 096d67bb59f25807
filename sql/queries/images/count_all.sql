-- How many images there are, by what the accounts' triggers have counted.
SELECT coalesce(sum(image_count), 0)::bigint AS images FROM users
