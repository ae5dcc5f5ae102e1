-- Unlocking by WebAuthn. A phone has one unlock credential at most: `credential` is what verifies, as JSON, without `counter` and the flags, which
-- change. A registration that is under way has a sealed state, and so has the challenge of a question.
CREATE TABLE unlock_credentials (
    device_key BIGINT PRIMARY KEY REFERENCES devices (key) ON DELETE CASCADE,
    credential_id BYTEA NOT NULL UNIQUE,
    credential TEXT NOT NULL,
    counter BIGINT NOT NULL,
    backup_eligible BIGINT NOT NULL,
    backed_up BIGINT NOT NULL,
    registered_at BIGINT NOT NULL
);
CREATE TABLE unlock_registrations (
    device_key BIGINT PRIMARY KEY REFERENCES devices (key) ON DELETE CASCADE,
    state BYTEA NOT NULL,
    due_at BIGINT NOT NULL
);
ALTER TABLE sessions ADD COLUMN unlock_challenge BYTEA;
