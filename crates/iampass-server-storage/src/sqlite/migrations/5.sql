-- Messages with registration links: what waits to be sent, and the log of what became of it. `contents` (sealed) holds the number or address
-- and the link, and goes with the link's digest as soon as the message has ended. A message is with one node until `leased_until`.
CREATE TABLE deliveries (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    application_key INTEGER NOT NULL REFERENCES applications (key) ON DELETE CASCADE,
    user_key INTEGER REFERENCES users (key) ON DELETE SET NULL,
    channel TEXT NOT NULL,
    masked TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    last_error TEXT,
    queued_at INTEGER NOT NULL,
    give_up_at INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    leased_until INTEGER,
    ended_at INTEGER,
    link_sha256 BLOB,
    contents BLOB
) STRICT;
CREATE INDEX deliveries_waiting ON deliveries (next_at) WHERE state = 'queued';
CREATE INDEX deliveries_by_application ON deliveries (application_key, key);
CREATE INDEX deliveries_of_user ON deliveries (user_key);
CREATE INDEX deliveries_ended ON deliveries (ended_at) WHERE ended_at IS NOT NULL;
