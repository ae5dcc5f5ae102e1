CREATE TABLE IF NOT EXISTS "iampass_shared" (
    "key" TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    "version" BIGINT NOT NULL,
    "value" BYTEA NOT NULL,
    "expires_at" BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS "iampass_shared_expiry" ON "iampass_shared" ("expires_at");
