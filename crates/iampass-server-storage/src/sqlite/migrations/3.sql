ALTER TABLE applications DROP COLUMN secret;
ALTER TABLE applications RENAME COLUMN sealed TO secret;
ALTER TABLE devices DROP COLUMN secret;
ALTER TABLE devices RENAME COLUMN sealed TO secret;
ALTER TABLE sessions DROP COLUMN secret;
ALTER TABLE sessions RENAME COLUMN sealed TO secret;
ALTER TABLE sessions DROP COLUMN request_secret;
ALTER TABLE sessions RENAME COLUMN request_sealed TO request_secret;

-- The secret before the last rotation is good until previous_until. `methods` and `duration_seconds` are the application's own settings.
-- A hidden application is the service's own.
ALTER TABLE applications ADD COLUMN previous_secret BLOB;
ALTER TABLE applications ADD COLUMN previous_until INTEGER;
ALTER TABLE applications ADD COLUMN methods TEXT;
ALTER TABLE applications ADD COLUMN duration_seconds INTEGER;
ALTER TABLE applications ADD COLUMN disabled_at INTEGER;
ALTER TABLE applications ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;

-- Open sessions of an application, newest first, and its users in the order of their ids.
CREATE INDEX sessions_by_application ON sessions (application_key, key) WHERE ended_at IS NULL;

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Who did what. It is only ever added to, and outlives what it tells of: nothing refers to other tables.
CREATE TABLE audit (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    application_id TEXT,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT
) STRICT;
CREATE INDEX audit_by_application ON audit (application_id, key);
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN
    SELECT raise(ABORT, 'the audit log is only added to');
END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit BEGIN
    SELECT raise(ABORT, 'the audit log is only added to');
END;
