-- The audit log is searched by application, by actor and by whom it was done to, in the order of time.
DROP INDEX IF EXISTS audit_by_application;
CREATE INDEX IF NOT EXISTS audit_of_application ON audit (application_id, at, key);
CREATE INDEX IF NOT EXISTS audit_by_actor ON audit (actor, at, key);
CREATE INDEX IF NOT EXISTS audit_by_subject ON audit (subject, at, key);
CREATE INDEX IF NOT EXISTS audit_by_time ON audit (at, key);
