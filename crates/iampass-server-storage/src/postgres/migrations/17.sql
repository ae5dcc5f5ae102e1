-- Whether phones of an application say that they are near or away. `near_until` is how long the phone of a session has promised to be near; a session that
-- is away by it keeps the time that has passed.
ALTER TABLE applications ADD COLUMN walkaway BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN near_until BIGINT;
CREATE INDEX sessions_near ON sessions (near_until) WHERE near_until IS NOT NULL AND state = 'active';
