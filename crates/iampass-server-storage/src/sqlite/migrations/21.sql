-- The phone that made a recovery code, by its id; the code ends with it. NULL: made by a version that did not note it.
ALTER TABLE recovery_codes ADD COLUMN made_by TEXT;
