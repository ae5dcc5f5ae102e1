-- Unlocking by WebAuthn. A phone has one unlock credential at most: `credential` is what verifies, as JSON, without `counter` and the flags, which
-- change. A registration that is under way has a sealed state, and so has the challenge of a question.
CREATE TABLE unlock_credentials (
    device_key INTEGER PRIMARY KEY REFERENCES devices (key) ON DELETE CASCADE,
    credential_id BLOB NOT NULL UNIQUE,
    credential TEXT NOT NULL,
    counter INTEGER NOT NULL,
    backup_eligible INTEGER NOT NULL,
    backed_up INTEGER NOT NULL,
    registered_at INTEGER NOT NULL
) STRICT;
CREATE TABLE unlock_registrations (
    device_key INTEGER PRIMARY KEY REFERENCES devices (key) ON DELETE CASCADE,
    state BLOB NOT NULL,
    due_at INTEGER NOT NULL
) STRICT;
ALTER TABLE sessions ADD COLUMN unlock_challenge BLOB;
