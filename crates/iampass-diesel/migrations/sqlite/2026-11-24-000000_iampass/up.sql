CREATE TABLE IF NOT EXISTS "iampass_tokens" (
    "id" INTEGER PRIMARY KEY,
    "user_id" INTEGER NOT NULL UNIQUE,
    "token" TEXT NOT NULL UNIQUE,
    "created_at" TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE
);
CREATE TRIGGER IF NOT EXISTS "iampass_tokens_cascade" AFTER DELETE ON "users" FOR EACH ROW BEGIN DELETE FROM "iampass_tokens" WHERE "user_id" = OLD."id"; END;
CREATE TABLE IF NOT EXISTS "iampass_sessions" (
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
CREATE INDEX IF NOT EXISTS "iampass_sessions_user" ON "iampass_sessions" ("user_token", "started_at");
CREATE INDEX IF NOT EXISTS "iampass_sessions_due" ON "iampass_sessions" ("logout_due", "token");
CREATE INDEX IF NOT EXISTS "iampass_sessions_leased" ON "iampass_sessions" ("leased_by");
CREATE INDEX IF NOT EXISTS "iampass_sessions_expiry" ON "iampass_sessions" ("expires_at");
