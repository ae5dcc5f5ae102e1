-- The phones that may answer for an application, as a word: any, those with a key of their own, or those that are unlocked for each login.
ALTER TABLE applications ADD COLUMN phones TEXT NOT NULL DEFAULT 'any';
