-- Uses of links without a limit, gathered over some seconds.
UPDATE links
SET uses = links.uses + opened.uses, last_used_at = greatest(links.last_used_at, opened.last_used_at)
FROM unnest($1::uuid[], $2::integer[], $3::timestamptz[]) AS opened (id, uses, last_used_at)
WHERE links.id = opened.id
