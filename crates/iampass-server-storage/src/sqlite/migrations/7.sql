-- Denials in a row of a user's requests. Requests of browsers that the application knows are counted apart from all others. An accepted
-- login deletes the row of its kind.
ALTER TABLE sessions ADD COLUMN known_browser INTEGER NOT NULL DEFAULT 0;
CREATE TABLE denials (
    user_key INTEGER NOT NULL REFERENCES users (key) ON DELETE CASCADE,
    known_browser INTEGER NOT NULL,
    in_a_row INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (user_key, known_browser)
) STRICT, WITHOUT ROWID;
-- What all nodes of the Console share, as iampass-sql has it: whose phone is being asked, budgets, browsers that are known.
CREATE TABLE IF NOT EXISTS "console_shared" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "version" INTEGER NOT NULL,
    "value" BLOB NOT NULL,
    "expires_at" INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS "console_shared_expiry" ON "console_shared" ("expires_at");
