//! The bounds of events: how long they are tried, how many of an application wait, and how many of it are kept.
//!
//! The rows are found by reading, and then changed some at a time, those of each application in a transaction of its own, so that logins come in between.
//! Belongs here: giving up, dropping and removing. Does not belong here: when (the service), and the age at which all that has ended goes
//! ([`super::tidying`]).

use iampass_core::UnixSeconds;
use iampass_server_domain::retry_schedule::EVENT_GIVE_UP_AFTER;

use super::events::MOST_WAITING;
use super::tidying::{AT_ONCE, earlier};
use super::{ApplicationKey, Database, StorageError, Tx};

/// The bounds of one application.
#[derive(Clone, Copy, Debug)]
pub(super) struct EventBounds {
    /// Events that wait. Of more, the oldest are dropped.
    pub(super) waiting: i64,
    /// Events that are kept, waiting or ended. Of more, the oldest that have ended are removed.
    pub(super) kept: i64,
}

const BOUNDS: EventBounds = EventBounds { waiting: MOST_WAITING, kept: 200_000 };

/// Applications with events that were written while their endpoint was being switched off or removed.
const WITHOUT_ENDPOINT: &str = "SELECT a.key FROM applications a
    WHERE EXISTS (SELECT 1 FROM events v WHERE v.application_key = a.key AND v.state = 'queued')
      AND NOT EXISTS (SELECT 1 FROM event_endpoints e WHERE e.application_key = a.key AND e.off_at IS NULL)";

/// Applications with an endpoint, and: an event that was queued at ?1 or before, the latest that waits beyond ?2, the latest that is kept beyond ?3.
const BEYOND: &str = "SELECT e.application_key,
        (SELECT v.key FROM events v WHERE v.application_key = e.application_key AND v.state = 'queued' AND v.queued_at <= ?1 LIMIT 1),
        (SELECT v.key FROM events v WHERE v.application_key = e.application_key AND v.state = 'queued' ORDER BY v.key DESC LIMIT 1 OFFSET ?2),
        (SELECT v.key FROM events v WHERE v.application_key = e.application_key ORDER BY v.key DESC LIMIT 1 OFFSET ?3)
    FROM event_endpoints e ORDER BY e.application_key";

const WITHDRAW: &str = "UPDATE events SET state = 'withdrawn', ended_at = ?2, leased_until = NULL
    WHERE application_key = ?1 AND state = 'queued' AND NOT EXISTS
        (SELECT 1 FROM event_endpoints e WHERE e.application_key = events.application_key AND e.off_at IS NULL)";

/// Those that are just being sent are left to their senders, here and in [`DROP`].
const GIVE_UP: &str = "UPDATE events SET state = 'given_up', ended_at = ?2, leased_until = NULL
    WHERE application_key = ?1 AND state = 'queued' AND queued_at <= ?3 AND (leased_until IS NULL OR leased_until <= ?2)";

/// The conditions are asked once more of each row: it may have been sent or leased meanwhile.
const DROP: &str = "UPDATE events SET state = 'dropped', ended_at = ?2, leased_until = NULL
    WHERE state = 'queued' AND (leased_until IS NULL OR leased_until <= ?2) AND key IN
        (SELECT key FROM events WHERE application_key = ?1 AND state = 'queued' AND key <= ?3
             AND (leased_until IS NULL OR leased_until <= ?2) ORDER BY key LIMIT ?4)";

const REMOVE: &str = "DELETE FROM events WHERE ended_at IS NOT NULL AND key IN
    (SELECT key FROM events WHERE application_key = ?1 AND ended_at IS NOT NULL AND key <= ?2 ORDER BY key LIMIT ?3)";

/// Something to be done about the events of an application.
#[derive(Clone, Copy)]
enum Step {
    Withdraw(ApplicationKey),
    GiveUp(ApplicationKey),
    /// Those that wait, up to this key.
    Drop(ApplicationKey, i64),
    /// Those that have ended, up to this key.
    Remove(ApplicationKey, i64),
}

impl Database {
    /// Gives events up whose time is over, drops the oldest of an application of which too many wait, and removes the oldest of one that has too many; whether
    /// there is more to be done. It reads much, so it is for once a minute.
    pub async fn settle_events(&self) -> Result<bool, StorageError> {
        self.settle_events_within(BOUNDS).await
    }

    pub(super) async fn settle_events_within(&self, bounds: EventBounds) -> Result<bool, StorageError> {
        let steps = self.read_many(move |tx| Box::pin(steps(tx, bounds))).await?;
        let mut more = false;
        for step in steps {
            more |= self.write(move |tx| Box::pin(take(tx, step))).await?;
        }
        Ok(more)
    }
}

async fn steps(tx: &mut Tx<'_>, bounds: EventBounds) -> Result<Vec<Step>, StorageError> {
    let mut steps = Vec::new();
    for row in tx.query(WITHOUT_ENDPOINT, &[]).await? {
        steps.push(Step::Withdraw(row.key(0)?));
    }
    let values = [oldest(tx).into(), bounds.waiting.into(), bounds.kept.into()];
    for row in tx.query(BEYOND, &values).await? {
        let application: ApplicationKey = row.key(0)?;
        if row.optional_integer(1)?.is_some() {
            steps.push(Step::GiveUp(application));
        }
        steps.extend(row.optional_integer(2)?.map(|key| Step::Drop(application, key)));
        steps.extend(row.optional_integer(3)?.map(|key| Step::Remove(application, key)));
    }
    Ok(steps)
}

/// Takes a step; whether there is more of it.
async fn take(tx: &mut Tx<'_>, step: Step) -> Result<bool, StorageError> {
    let now = tx.now();
    match step {
        Step::Withdraw(application) => {
            tx.execute(WITHDRAW, &[application.into(), now.into()]).await?;
            Ok(false)
        }
        Step::GiveUp(application) => {
            let values = [application.into(), now.into(), oldest(tx).into()];
            tx.execute(GIVE_UP, &values).await?;
            Ok(false)
        }
        Step::Drop(application, key) => {
            let values = [application.into(), now.into(), key.into(), AT_ONCE.into()];
            let dropped = tx.execute(DROP, &values).await?;
            if dropped > 0 {
                let application = application.0;
                tracing::warn!(
                    application,
                    dropped,
                    "too many events wait for an endpoint: the oldest are dropped"
                );
            }
            Ok(dropped >= AT_ONCE as u64)
        }
        Step::Remove(application, key) => {
            let removed = tx.execute(REMOVE, &[application.into(), key.into(), AT_ONCE.into()]).await?;
            Ok(removed >= AT_ONCE as u64)
        }
    }
}

/// An event that was queued then or before is given up.
fn oldest(tx: &Tx<'_>) -> UnixSeconds {
    earlier(tx.now(), EVENT_GIVE_UP_AFTER)
}
