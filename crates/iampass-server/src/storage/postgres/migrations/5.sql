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
