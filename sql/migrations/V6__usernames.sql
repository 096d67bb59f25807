-- Names of users are read as Django reads them: in Unicode's compatibility form (NFKC), without blanks at their ends. Those
-- that were stored before are brought into that form, so that whoever types them is still found. Where somebody else has
-- the name already, it stays as it was: nobody can log in by it until it is changed, and the program says so.
DO $$
DECLARE
    found record;
BEGIN
    IF getdatabaseencoding() <> 'UTF8' THEN
        -- Only there is this form known.
        RETURN;
    END IF;
    FOR found IN
        SELECT id, username, btrim(normalize(username, NFKC)) AS normal
        FROM users
        WHERE username <> btrim(normalize(username, NFKC))
        ORDER BY id
    LOOP
        CONTINUE WHEN char_length(found.normal) NOT BETWEEN 1 AND 150;
        CONTINUE WHEN EXISTS (SELECT FROM users WHERE username = found.normal);
        UPDATE users SET username = found.normal WHERE id = found.id;
        INSERT INTO audit_log (object_kind, object_id, object_name, action, changes)
        VALUES ('user', found.id::text, found.normal, 'changed',
            jsonb_build_object('username', jsonb_build_array(found.username, found.normal)));
    END LOOP;
END
$$;
