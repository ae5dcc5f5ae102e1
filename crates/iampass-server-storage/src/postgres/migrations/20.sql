-- The account that made an application: its nonces are counted to it. NULL: an administrator's command made it, or the account is gone. Until now it was
-- the owner of the longest time.
ALTER TABLE applications ADD COLUMN made_by BIGINT REFERENCES accounts (key) ON DELETE SET NULL;
UPDATE applications SET made_by = (SELECT m.account_key FROM members m WHERE m.role = 'owner' AND m.application_key = applications.key
                                   ORDER BY m.since, m.account_key LIMIT 1);
-- When a phone of the user was last removed or replaced. A browser that was known before is not taken for a known one.
ALTER TABLE users ADD COLUMN phone_ended_at BIGINT;
