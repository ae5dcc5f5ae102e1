-- The account that made an application, also when it has left or is gone: nonces are counted to it. NULL: a command of the administrator made it. Of
-- applications of before it is known where an owner belongs to it for as long as it is there.
ALTER TABLE applications ADD COLUMN made_by BIGINT;
UPDATE applications SET made_by = (SELECT m.account_key FROM members m WHERE m.role = 'owner' AND m.application_key = applications.key
                                       AND m.since <= applications.created_at + 1 ORDER BY m.since, m.account_key LIMIT 1);
-- When a phone of the user was last removed or replaced. A browser that was known before is not taken for a known one.
ALTER TABLE users ADD COLUMN phone_ended_at BIGINT;
