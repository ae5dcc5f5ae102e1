CREATE TABLE IF NOT EXISTS "iampass_shared" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "version" INTEGER NOT NULL,
    "value" BLOB NOT NULL,
    "expires_at" INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS "iampass_shared_expiry" ON "iampass_shared" ("expires_at");
