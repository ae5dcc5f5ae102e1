-- Logins without a name: the phone that brings the code says whose session it becomes. Those that no phone has brought yet are found by an index.
ALTER TABLE sessions ADD COLUMN nameless BIGINT NOT NULL DEFAULT 0;
CREATE INDEX sessions_nameless ON sessions (application_key) WHERE nameless = 1 AND user_key IS NULL AND ended_at IS NULL;
