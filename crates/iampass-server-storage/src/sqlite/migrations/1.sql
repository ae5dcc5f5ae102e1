-- The first tables. Secrets stand in clear until the next migration.

CREATE TABLE applications (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    secret TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE users (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    application INTEGER NOT NULL REFERENCES applications (key) ON DELETE CASCADE,
    id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (application, id)
) STRICT;

CREATE TABLE devices (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    secret TEXT NOT NULL,
    user INTEGER NOT NULL UNIQUE REFERENCES users (key) ON DELETE CASCADE,
    platform TEXT NOT NULL,
    notification_token TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE links (
    user INTEGER PRIMARY KEY REFERENCES users (key) ON DELETE CASCADE,
    code_sha256 BLOB NOT NULL UNIQUE,
    display_name TEXT,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    token TEXT NOT NULL UNIQUE,
    secret TEXT NOT NULL,
    request_id TEXT NOT NULL UNIQUE,
    request_secret TEXT NOT NULL,
    application INTEGER NOT NULL REFERENCES applications (key) ON DELETE CASCADE,
    user INTEGER REFERENCES users (key) ON DELETE SET NULL,
    device INTEGER REFERENCES devices (key) ON DELETE SET NULL,
    methods TEXT NOT NULL,
    duration_seconds INTEGER NOT NULL,
    state TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    due_at INTEGER,
    activated_at INTEGER,
    ended_at INTEGER
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user) WHERE ended_at IS NULL;
CREATE INDEX sessions_of_user ON sessions (user);
CREATE INDEX sessions_by_device ON sessions (device);
CREATE INDEX sessions_due ON sessions (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE nonces (
    id TEXT NOT NULL,
    nonce INTEGER NOT NULL,
    timestamp INTEGER NOT NULL,
    PRIMARY KEY (id, nonce)
) STRICT, WITHOUT ROWID;
CREATE INDEX nonces_by_age ON nonces (timestamp);

CREATE TABLE nonce_batches (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    latest INTEGER NOT NULL,
    entries TEXT NOT NULL
) STRICT;
