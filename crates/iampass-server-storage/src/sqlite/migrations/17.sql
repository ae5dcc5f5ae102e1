-- Pushes are found by their application and user. Those that tell of a changed session or try a phone have no question.
ALTER TABLE pushes ADD COLUMN application_key INTEGER REFERENCES applications (key) ON DELETE CASCADE;
ALTER TABLE pushes ADD COLUMN user_key INTEGER REFERENCES users (key) ON DELETE SET NULL;
UPDATE pushes SET user_key =
    (SELECT d.user_key FROM push_subscriptions u JOIN devices d ON d.key = u.device_key WHERE u.key = pushes.subscription_key);
UPDATE pushes SET application_key = (SELECT application_key FROM users WHERE key = pushes.user_key);
CREATE INDEX pushes_of_application ON pushes (application_key, key);
CREATE INDEX pushes_of_user ON pushes (user_key, key);
