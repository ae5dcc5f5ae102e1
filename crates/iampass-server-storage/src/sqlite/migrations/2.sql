-- Secrets are sealed: what runs this migration fills the new columns, then takes the old ones away (3.sql).
-- Columns are named so that the same statements run on PostgreSQL.
ALTER TABLE users RENAME COLUMN application TO application_key;
ALTER TABLE devices RENAME COLUMN user TO user_key;
ALTER TABLE links RENAME COLUMN user TO user_key;
ALTER TABLE sessions RENAME COLUMN application TO application_key;
ALTER TABLE sessions RENAME COLUMN user TO user_key;
ALTER TABLE sessions RENAME COLUMN device TO device_key;

ALTER TABLE applications ADD COLUMN sealed BLOB NOT NULL DEFAULT x'';
ALTER TABLE devices ADD COLUMN sealed BLOB NOT NULL DEFAULT x'';
ALTER TABLE sessions ADD COLUMN sealed BLOB NOT NULL DEFAULT x'';
ALTER TABLE sessions ADD COLUMN request_sealed BLOB NOT NULL DEFAULT x'';
