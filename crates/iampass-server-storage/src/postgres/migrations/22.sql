-- Why a session ended, as a word. NULL while it has not, and for one that ended before this was kept.
ALTER TABLE sessions ADD COLUMN ended_by TEXT;
-- The logins of an application, and those of a user, in the order of time.
CREATE INDEX sessions_asked ON sessions (application_key, asked_at, key);
DROP INDEX sessions_of_user;
CREATE INDEX sessions_of_user ON sessions (user_key, asked_at, key);
