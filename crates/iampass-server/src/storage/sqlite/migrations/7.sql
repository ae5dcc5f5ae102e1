-- What all nodes of the Console share, as iampass-sql has it: whose phone is being asked, budgets, browsers that are known.
CREATE TABLE IF NOT EXISTS "console_shared" (
    "key" TEXT NOT NULL PRIMARY KEY,
    "version" INTEGER NOT NULL,
    "value" BLOB NOT NULL,
    "expires_at" INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS "console_shared_expiry" ON "console_shared" ("expires_at");
