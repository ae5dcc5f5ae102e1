-- A link that a member of the Console made ends with the right by which it was made. A link that a command or an application made has no maker.
ALTER TABLE console_links ADD COLUMN maker_key INTEGER REFERENCES accounts (key) ON DELETE CASCADE;
UPDATE console_links SET maker_key = (SELECT key FROM accounts WHERE name = made_by) WHERE purpose = 'invitation';
DELETE FROM console_links WHERE purpose = 'invitation' AND maker_key IS NULL;
CREATE INDEX console_links_by_maker ON console_links (maker_key);
ALTER TABLE links ADD COLUMN maker_key INTEGER REFERENCES accounts (key) ON DELETE CASCADE;
CREATE INDEX links_by_maker ON links (maker_key) WHERE maker_key IS NOT NULL;
