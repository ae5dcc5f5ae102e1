-- Whether an application may have messages sent: 1 and 0 by the decision of an administrator, NULL without one.
ALTER TABLE applications ADD COLUMN messages BIGINT;
-- The queue is read by channel and by application, in the order of time.
DROP INDEX deliveries_waiting;
CREATE INDEX deliveries_due ON deliveries (channel, next_at) WHERE state = 'queued';
CREATE INDEX deliveries_by_turn ON deliveries (channel, application_key, next_at) WHERE state = 'queued';
