-- The tables, as SQLite has them after its third migration. Keys are never given out again. Times are seconds since 1970.
CREATE TABLE applications (
    key BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    secret BYTEA NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    previous_secret BYTEA,
    previous_until BIGINT,
    methods TEXT,
    duration_seconds BIGINT,
    disabled_at BIGINT,
    hidden BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE users (
    key BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    application_key BIGINT NOT NULL REFERENCES applications (key) ON DELETE CASCADE,
    id TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (application_key, id)
);

CREATE TABLE devices (
    key BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    secret BYTEA NOT NULL,
    user_key BIGINT NOT NULL UNIQUE REFERENCES users (key) ON DELETE CASCADE,
    platform TEXT NOT NULL,
    notification_token TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE links (
    user_key BIGINT PRIMARY KEY REFERENCES users (key) ON DELETE CASCADE,
    code_sha256 BYTEA NOT NULL UNIQUE,
    display_name TEXT,
    expires_at BIGINT NOT NULL
);

CREATE TABLE sessions (
    key BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token TEXT COLLATE "C" NOT NULL UNIQUE,
    secret BYTEA NOT NULL,
    request_id TEXT COLLATE "C" NOT NULL UNIQUE,
    request_secret BYTEA NOT NULL,
    application_key BIGINT NOT NULL REFERENCES applications (key) ON DELETE CASCADE,
    user_key BIGINT REFERENCES users (key) ON DELETE SET NULL,
    device_key BIGINT REFERENCES devices (key) ON DELETE SET NULL,
    methods TEXT NOT NULL,
    duration_seconds BIGINT NOT NULL,
    state TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    due_at BIGINT,
    activated_at BIGINT,
    ended_at BIGINT
);
CREATE INDEX sessions_by_user ON sessions (user_key) WHERE ended_at IS NULL;
CREATE INDEX sessions_of_user ON sessions (user_key);
CREATE INDEX sessions_by_device ON sessions (device_key);
CREATE INDEX sessions_due ON sessions (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX sessions_by_application ON sessions (application_key, key) WHERE ended_at IS NULL;

-- Every nonce is here before its request is answered: nodes have nothing else in common.
CREATE TABLE nonces (
    id TEXT COLLATE "C" NOT NULL,
    nonce BIGINT NOT NULL,
    timestamp BIGINT NOT NULL,
    PRIMARY KEY (id, nonce)
);
CREATE INDEX nonces_by_age ON nonces (timestamp);

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value BYTEA NOT NULL
);

CREATE TABLE audit (
    key BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    application_id TEXT,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT
);
CREATE INDEX audit_by_application ON audit (application_id, key);
CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is only added to';
END
$$;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_is_only_added_to();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to();
