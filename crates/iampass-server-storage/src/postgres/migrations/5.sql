-- Denials in a row of a user's requests. Requests of browsers that the application knows are counted apart from all others. An accepted
-- login deletes the row of its kind.
ALTER TABLE sessions ADD COLUMN known_browser BIGINT NOT NULL DEFAULT 0;
CREATE TABLE denials (
    user_key BIGINT NOT NULL REFERENCES users (key) ON DELETE CASCADE,
    known_browser BIGINT NOT NULL,
    in_a_row BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (user_key, known_browser)
);
-- What all nodes of the Console share, as iampass-sql has it: whose phone is being asked, budgets, browsers that are known.
CREATE TABLE IF NOT EXISTS "console_shared" (
    "key" TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    "version" BIGINT NOT NULL,
    "value" BYTEA NOT NULL,
    "expires_at" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "console_shared_expiry" ON "console_shared" ("expires_at");
