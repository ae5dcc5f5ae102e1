-- Where phones are pushed to, one place for each phone. `address` (sealed) is what a push service knows it by; once it has said that the phone
-- has left, `gone_at` is set, so that the same address is not taken again.
CREATE TABLE push_subscriptions (
    key BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    device_key BIGINT NOT NULL UNIQUE REFERENCES devices (key) ON DELETE CASCADE,
    service TEXT NOT NULL,
    vapid_key TEXT,
    address BYTEA NOT NULL,
    address_sha256 BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    gone_at BIGINT
);
-- Pushes: what waits to be sent, and the log of what became of it, which names neither a user nor an application. A push is with one node until
-- `leased_until`.
CREATE TABLE pushes (
    key BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subscription_key BIGINT REFERENCES push_subscriptions (key) ON DELETE SET NULL,
    session_key BIGINT REFERENCES sessions (key) ON DELETE SET NULL,
    service TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    last_error TEXT,
    queued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    leased_until BIGINT,
    ended_at BIGINT
);
CREATE INDEX pushes_waiting ON pushes (key) WHERE state = 'waiting';
CREATE INDEX pushes_of_subscription ON pushes (subscription_key);
CREATE INDEX pushes_of_session ON pushes (session_key);
CREATE INDEX pushes_ended ON pushes (ended_at) WHERE ended_at IS NOT NULL;
