-- An approval that is bound to the browser that asks. `approval` is the least that an application takes. `public_key` is that of the phone's own
-- key (SEC1); a phone without one signs by the shared secret alone.
ALTER TABLE applications ADD COLUMN approval TEXT NOT NULL DEFAULT 'tap';
ALTER TABLE devices ADD COLUMN public_key BYTEA;
-- `code_tag` and `scan_tag` are keyed digests of what the browser shows. `on_phone` is 0 until a silent question has been brought.
-- `proven` says what the approval has proven, as bits.
ALTER TABLE sessions ADD COLUMN code_tag BYTEA;
ALTER TABLE sessions ADD COLUMN scan_tag BYTEA;
ALTER TABLE sessions ADD COLUMN on_phone BIGINT NOT NULL DEFAULT 1;
ALTER TABLE sessions ADD COLUMN wrong_codes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN proven BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN browser TEXT;
ALTER TABLE sessions ADD COLUMN address TEXT;

-- Wrong codes in a row that a user's phone has brought, over all questions. A user without one has no row.
CREATE TABLE wrong_codes (
    user_key BIGINT PRIMARY KEY REFERENCES users (key) ON DELETE CASCADE,
    in_a_row BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);
