-- AUTOINCREMENT: no key is ever given again, so nobody gets what belonged to somebody who is gone.
CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    name TEXT NOT NULL UNIQUE,
    -- In seconds since 1970, as all times here.
    signed_up_at BIGINT NOT NULL,
    has_arrived BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE TABLE notes (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX notes_of_user ON notes (user_id, id);
