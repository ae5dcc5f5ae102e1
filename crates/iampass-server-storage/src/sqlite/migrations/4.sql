-- The Console: its accounts, who belongs to which application as what, and links that are good once (only digests of their codes).
CREATE TABLE accounts (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    administrator INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    arrived_at INTEGER,
    disabled_at INTEGER
) STRICT;

CREATE TABLE members (
    application_key INTEGER NOT NULL REFERENCES applications (key) ON DELETE CASCADE,
    account_key INTEGER NOT NULL REFERENCES accounts (key) ON DELETE CASCADE,
    role TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (application_key, account_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_by_account ON members (account_key);

CREATE TABLE console_links (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    code_sha256 BLOB NOT NULL UNIQUE,
    purpose TEXT NOT NULL,
    account_key INTEGER REFERENCES accounts (key) ON DELETE CASCADE,
    account_name TEXT,
    application_key INTEGER REFERENCES applications (key) ON DELETE CASCADE,
    role TEXT,
    made_by TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX console_links_by_account ON console_links (account_key);
CREATE INDEX console_links_by_application ON console_links (application_key);

-- The tables of its login, as iampass-sql has them.
CREATE TABLE IF NOT EXISTS "console_tokens" (
    "id" INTEGER PRIMARY KEY,
    "user_id" INTEGER NOT NULL UNIQUE,
    "token" TEXT NOT NULL UNIQUE,
    "created_at" TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY ("user_id") REFERENCES "accounts" ("key") ON DELETE CASCADE
);
CREATE TRIGGER IF NOT EXISTS "console_tokens_cascade" AFTER DELETE ON "accounts" FOR EACH ROW BEGIN DELETE FROM "console_tokens" WHERE "user_id" = OLD."key"; END;
CREATE TABLE IF NOT EXISTS "console_sessions" (
    "token" TEXT NOT NULL PRIMARY KEY,
    "user_token" TEXT NOT NULL,
    "sealed_session" BLOB NOT NULL,
    "key_id" TEXT NOT NULL,
    "started_at" INTEGER NOT NULL,
    "expires_at" INTEGER NOT NULL,
    "logout_due" INTEGER,
    "claims" INTEGER NOT NULL DEFAULT 0,
    "leased_until" INTEGER,
    "leased_by" TEXT
);
CREATE INDEX IF NOT EXISTS "console_sessions_user" ON "console_sessions" ("user_token", "started_at");
CREATE INDEX IF NOT EXISTS "console_sessions_due" ON "console_sessions" ("logout_due", "token");
CREATE INDEX IF NOT EXISTS "console_sessions_leased" ON "console_sessions" ("leased_by");
CREATE INDEX IF NOT EXISTS "console_sessions_expiry" ON "console_sessions" ("expires_at");
