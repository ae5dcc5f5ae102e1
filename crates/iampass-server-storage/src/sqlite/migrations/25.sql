-- When a phone that proved unlocking, or that was on trial, was last removed by a phone. NULL where none was, and after the application has replaced all.
ALTER TABLE users ADD COLUMN unlocking_ended_at INTEGER;
