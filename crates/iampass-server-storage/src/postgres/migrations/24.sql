-- Keys of the Admin API. The account is that by whose right a key is good; NULL for one that a command has made. It goes with its account: without one it
-- would be taken for a command's.
CREATE TABLE admin_keys (
    key BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    secret BYTEA NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    application_key BIGINT REFERENCES applications (key) ON DELETE CASCADE,
    account_key BIGINT REFERENCES accounts (key) ON DELETE CASCADE,
    made_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX admin_keys_of_account ON admin_keys (account_key);
CREATE INDEX admin_keys_of_application ON admin_keys (application_key);
-- The key by which a registration link was made. The link is good for as long as the key is.
ALTER TABLE links ADD COLUMN admin_key BIGINT REFERENCES admin_keys (key) ON DELETE CASCADE;
CREATE INDEX links_by_admin_key ON links (admin_key) WHERE admin_key IS NOT NULL;
