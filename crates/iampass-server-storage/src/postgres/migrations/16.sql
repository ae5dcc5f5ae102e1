-- The node that has a push until `leased_until`, by a number that it draws when it starts.
ALTER TABLE pushes ADD COLUMN leased_by BIGINT;
-- Where a phone is pushed to is kept sealed in `push_subscriptions`, or not at all. A service without pushes kept it here in clear.
UPDATE devices SET notification_token = '*push' WHERE notification_token LIKE 'webpush:%' OR notification_token LIKE 'fcm:%'
    OR notification_token LIKE 'apns:%' OR notification_token LIKE 'webhook:%';
UPDATE waiting_phones SET notification_token = '*push' WHERE notification_token LIKE 'webpush:%' OR notification_token LIKE 'fcm:%'
    OR notification_token LIKE 'apns:%' OR notification_token LIKE 'webhook:%';
