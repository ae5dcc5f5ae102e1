-- Below zero: the account that made the application has left it, or is gone. That is final, so that nobody counts an application to its maker again by
-- making the maker a member unasked.
UPDATE applications SET made_by = -made_by WHERE made_by > 0
    AND NOT EXISTS (SELECT 1 FROM members m WHERE m.application_key = applications.key AND m.account_key = applications.made_by);
-- When the phone was let in by another one, or by a recovery code, of a user who had a phone that proves unlocking. For a day it proves none and changes
-- nothing about the others: a phone in other hands must not make itself another one that is unlocked.
ALTER TABLE devices ADD COLUMN on_trial_since INTEGER;
