-- A new password opens an account that failed logins have closed, on every node, whoever sets it.
CREATE FUNCTION tell_unlocked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('tierpix_changed', 'unlocked ' || NEW.username);
    RETURN NULL;
END
$$;
CREATE TRIGGER users_unlocked AFTER UPDATE OF password_hash ON users
    FOR EACH ROW WHEN (NEW.password_hash IS DISTINCT FROM OLD.password_hash) EXECUTE FUNCTION tell_unlocked();

-- A new job is told, and one that is due earlier than it was, so that runners need not look for them all the time.
CREATE TRIGGER jobs_added AFTER INSERT ON jobs
    FOR EACH ROW EXECUTE FUNCTION tell_what_changed('job', 'id');
CREATE TRIGGER jobs_moved_up AFTER UPDATE OF due_at ON jobs
    FOR EACH ROW WHEN (NEW.due_at < OLD.due_at) EXECUTE FUNCTION tell_what_changed('job', 'id');
