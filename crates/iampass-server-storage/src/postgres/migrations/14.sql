-- A user may have several phones. `last_used_at` is when the phone answered or changed something. `recovered_at` is when a recovery code added it.
ALTER TABLE devices DROP CONSTRAINT IF EXISTS devices_user_key_key;
ALTER TABLE devices ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE devices ADD COLUMN last_used_at BIGINT;
ALTER TABLE devices ADD COLUMN recovered_at BIGINT;
CREATE INDEX devices_of_user ON devices (user_key);

-- Whether a link adds a phone to those that its user has, or replaces them.
ALTER TABLE links ADD COLUMN adds BIGINT NOT NULL DEFAULT 0;

-- A phone that waits to be confirmed is none of its user's: it stands apart, where nothing that asks for phones finds it. `code_tag` is a keyed
-- digest of the digits that it shows.
CREATE TABLE waiting_phones (
    user_key BIGINT PRIMARY KEY REFERENCES users (key) ON DELETE CASCADE,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    secret BYTEA NOT NULL,
    platform TEXT NOT NULL,
    name TEXT NOT NULL,
    notification_token TEXT NOT NULL,
    public_key BYTEA NOT NULL,
    code_tag BYTEA NOT NULL,
    wrong_codes BIGINT NOT NULL DEFAULT 0,
    asked_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX waiting_phones_by_expiry ON waiting_phones (expires_at);

-- Recovery codes: digests of 128 random bits.
CREATE TABLE recovery_codes (
    code_sha256 BYTEA PRIMARY KEY,
    user_key BIGINT NOT NULL REFERENCES users (key) ON DELETE CASCADE,
    made_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX recovery_codes_of_user ON recovery_codes (user_key);

-- What became of the phones of a user, as the others are told. What was removed stays on record here.
CREATE TABLE phone_events (
    key BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_key BIGINT NOT NULL REFERENCES users (key) ON DELETE CASCADE,
    at BIGINT NOT NULL,
    event TEXT NOT NULL,
    phone_id TEXT COLLATE "C" NOT NULL,
    platform TEXT NOT NULL,
    name TEXT NOT NULL
);
CREATE INDEX phone_events_of_user ON phone_events (user_key, key);
