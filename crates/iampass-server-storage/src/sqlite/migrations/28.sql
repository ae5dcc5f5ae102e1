-- Where the events of an application go, one endpoint for each. `kinds` says which, as bits. `secret` (sealed) signs them, and beside it the one before,
-- until `previous_until`. An endpoint that fails is left alone until `held_until`, and then tried by one event at a time. `off_by` says what has switched it off that its
-- owners have not; `turn` counts how often they have set it or switched it on.
CREATE TABLE event_endpoints (
    application_key INTEGER PRIMARY KEY REFERENCES applications (key) ON DELETE CASCADE,
    id TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    kinds INTEGER NOT NULL,
    secret BLOB NOT NULL,
    previous_secret BLOB,
    previous_until INTEGER,
    made_at INTEGER NOT NULL,
    off_at INTEGER,
    off_by TEXT,
    failures INTEGER NOT NULL DEFAULT 0,
    held_until INTEGER,
    turn INTEGER NOT NULL DEFAULT 0
) STRICT;
-- Events: what waits to be sent, and the log of what became of it. An event is written in the transaction of what it tells of, and outlives its user.
-- It is with one node until `leased_until`; `queued_at` is when it was last put into the queue.
-- It refers to no row: a session that is being changed must not wait for its application, whose lock comes before that of sessions.
CREATE TABLE events (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    application_key INTEGER NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    user_id TEXT,
    session_token TEXT,
    how TEXT,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    queued_at INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    leased_until INTEGER,
    last_at INTEGER,
    last_status INTEGER,
    last_error TEXT,
    ended_at INTEGER
) STRICT;
CREATE INDEX events_due ON events (application_key, next_at) WHERE state = 'queued';
CREATE INDEX events_of_application ON events (application_key, key);
CREATE INDEX events_of_user ON events (application_key, user_id, key);
CREATE INDEX events_of_state ON events (application_key, state, key);
CREATE INDEX events_not_taken ON events (application_key, at, key) WHERE state IN ('given_up', 'withdrawn', 'dropped');
CREATE INDEX events_ended ON events (ended_at) WHERE ended_at IS NOT NULL;
-- What operators are told of, each once until it is over. `name` is the same on all nodes; `application` bounds the words about each; `waits` says which word is to be sent: 1 that it has begun,
-- 2 that it is over. A word is with one node until `leased_until`.
CREATE TABLE alerts (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    application TEXT,
    subject TEXT,
    figure INTEGER,
    raised_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    cleared_at INTEGER,
    waits INTEGER NOT NULL,
    told_at INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL,
    leased_until INTEGER
) STRICT;
CREATE UNIQUE INDEX alerts_open ON alerts (name) WHERE cleared_at IS NULL;
CREATE INDEX alerts_waiting ON alerts (next_at) WHERE waits <> 0;
CREATE INDEX alerts_told ON alerts (told_at) WHERE told_at IS NOT NULL;
-- The denials themselves: in `in_a_row` a report counts as several, for its pause.
ALTER TABLE denials ADD COLUMN denied INTEGER NOT NULL DEFAULT 0;
