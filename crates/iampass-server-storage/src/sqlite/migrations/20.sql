-- When the latest word of its phone about being near or away was signed, by the phone's clock: a word that was signed before it changes nothing.
ALTER TABLE sessions ADD COLUMN word_at INTEGER;
