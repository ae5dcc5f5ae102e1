-- When the latest word of its phone about being near or away was signed, by the phone's clock: a word that was signed before it changes nothing.
ALTER TABLE sessions ADD COLUMN word_at INTEGER;

-- For a link in the place of a lost phone after a wait: when it was said to be lost. The same call once more makes the link anew.
ALTER TABLE links ADD COLUMN lost_asked_at INTEGER;
