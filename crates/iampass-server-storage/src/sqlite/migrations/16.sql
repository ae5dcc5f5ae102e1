-- A user may have several phones. The table is made anew, since a column that is UNIQUE cannot be changed: what runs the migrations does it with
-- foreign keys off, so that no row of another table goes with the old one. Keys are still never given out again.
-- `last_used_at` is when the phone answered or changed something. `recovered_at` is when a recovery code added it.
CREATE TABLE devices_anew (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    secret BLOB NOT NULL,
    user_key INTEGER NOT NULL REFERENCES users (key) ON DELETE CASCADE,
    platform TEXT NOT NULL,
    notification_token TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    public_key BLOB,
    name TEXT NOT NULL DEFAULT '',
    last_used_at INTEGER,
    recovered_at INTEGER
) STRICT;
INSERT INTO devices_anew (key, id, secret, user_key, platform, notification_token, created_at, public_key)
    SELECT key, id, secret, user_key, platform, notification_token, created_at, public_key FROM devices;
DELETE FROM sqlite_sequence WHERE name = 'devices_anew';
INSERT INTO sqlite_sequence (name, seq) SELECT 'devices_anew', seq FROM sqlite_sequence WHERE name = 'devices';
DROP TABLE devices;
ALTER TABLE devices_anew RENAME TO devices;
CREATE INDEX devices_of_user ON devices (user_key);

-- Whether a link adds a phone to those that its user has, or replaces them.
ALTER TABLE links ADD COLUMN adds INTEGER NOT NULL DEFAULT 0;

-- A phone that waits to be confirmed is none of its user's: it stands apart, where nothing that asks for phones finds it. `code_tag` is a keyed
-- digest of the digits that it shows.
CREATE TABLE waiting_phones (
    user_key INTEGER PRIMARY KEY REFERENCES users (key) ON DELETE CASCADE,
    id TEXT NOT NULL UNIQUE,
    secret BLOB NOT NULL,
    platform TEXT NOT NULL,
    name TEXT NOT NULL,
    notification_token TEXT NOT NULL,
    public_key BLOB NOT NULL,
    code_tag BLOB NOT NULL,
    wrong_codes INTEGER NOT NULL DEFAULT 0,
    asked_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX waiting_phones_by_expiry ON waiting_phones (expires_at);

-- Recovery codes: digests of 128 random bits.
CREATE TABLE recovery_codes (
    code_sha256 BLOB PRIMARY KEY,
    user_key INTEGER NOT NULL REFERENCES users (key) ON DELETE CASCADE,
    made_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX recovery_codes_of_user ON recovery_codes (user_key);

-- What became of the phones of a user, as the others are told. What was removed stays on record here.
CREATE TABLE phone_events (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    user_key INTEGER NOT NULL REFERENCES users (key) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    event TEXT NOT NULL,
    phone_id TEXT NOT NULL,
    platform TEXT NOT NULL,
    name TEXT NOT NULL
) STRICT;
CREATE INDEX phone_events_of_user ON phone_events (user_key, key);
