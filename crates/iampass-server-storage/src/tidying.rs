//! Freeing what is of no more use: links and nonces whose time is over, sessions and messages that ended long ago, and what belonged to
//! applications that were deleted.
//!
//! There may be millions of rows of it. They go some at a time, each time in a transaction of its own, so that logins come in between. Belongs
//! here: what goes. Does not belong here: when (the service).

use std::time::Duration;

use iampass_core::UnixSeconds;
use iampass_server_domain::push::PushService;

use super::{ApplicationKey, Database, StorageError, Tx, Value};

/// Rows of one kind that go in one transaction.
pub(super) const AT_ONCE: i64 = 5_000;
/// Users of a deleted application that go in one, with all they have.
const USERS_AT_ONCE: i64 = 500;

/// The row may have become a new link of the same user meanwhile, so it is asked once more how old it is.
const LINKS: &str = "DELETE FROM links WHERE expires_at <= ?1
                     AND user_key IN (SELECT user_key FROM links WHERE expires_at <= ?1 LIMIT ?2)";
const WAITING: &str = "DELETE FROM waiting_phones WHERE expires_at <= ?1
                       AND user_key IN (SELECT user_key FROM waiting_phones WHERE expires_at <= ?1 LIMIT ?2)";
const SESSIONS: &str =
    "DELETE FROM sessions WHERE key IN (SELECT key FROM sessions WHERE ended_at < ?1 LIMIT ?2)";
const DELIVERIES: &str =
    "DELETE FROM deliveries WHERE key IN (SELECT key FROM deliveries WHERE ended_at < ?1 LIMIT ?2)";
const ALERTS: &str =
    "DELETE FROM alerts WHERE key IN (SELECT key FROM alerts WHERE cleared_at < ?1 LIMIT ?2)";
/// The row may have been queued again meanwhile.
const EVENTS: &str =
    "DELETE FROM events WHERE ended_at < ?1 AND key IN (SELECT key FROM events WHERE ended_at < ?1 LIMIT ?2)";
/// The log of events has a bound, as that of pushes has. That of each application is another one ([`super::event_bounds`]).
const OLD_EVENTS: &str = "DELETE FROM events WHERE ended_at IS NOT NULL AND key IN
    (SELECT key FROM events WHERE ended_at IS NOT NULL AND key <= (SELECT coalesce(max(key), 0) FROM events) - ?1 ORDER BY key LIMIT ?2)";
/// Events that are kept at least, the latest.
const EVENTS_KEPT: u64 = 2_000_000;
const PUSHES: &str = "DELETE FROM pushes WHERE key IN (SELECT key FROM pushes WHERE ended_at < ?1 LIMIT ?2)";
const ADMIN_KEYS: &str = "DELETE FROM admin_keys WHERE key IN
    (SELECT key FROM admin_keys WHERE expires_at < ?1 OR revoked_at < ?1 LIMIT ?2)";
/// How long a key of the Admin API is listed after its end.
const ADMIN_KEYS_KEPT: Duration = Duration::from_secs(90 * 24 * 3_600);
/// The log of pushes has a bound, however many there are in the time that it is kept for.
const OLD_PUSHES: &str = "DELETE FROM pushes WHERE key IN
    (SELECT key FROM pushes WHERE ended_at IS NOT NULL AND key <= (SELECT coalesce(max(key), 0) FROM pushes) - ?1 ORDER BY key LIMIT ?2)";
/// Pushes that are kept at least, the latest.
const PUSHES_KEPT: u64 = 500_000;

/// For how long what has ended is kept.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    /// How long after its end a session is kept.
    pub ended: Duration,
    /// How far the time of a signature may be off.
    pub signature_window: Duration,
    /// By how much the clock has stepped ahead, and may be set back. Nonces stay stored for as much longer.
    pub clock_ahead: Duration,
}

impl Database {
    /// Frees some of what is of no more use; whether there is more.
    ///
    /// `ways` are those by which this node pushes.
    pub async fn tidy(
        &self,
        now: UnixSeconds,
        kept: Kept,
        ways: Vec<PushService>,
    ) -> Result<bool, StorageError> {
        self.settle_deliveries().await?;
        self.settle_pushes(ways).await?;
        let ended = earlier(now, kept.ended);
        let mut more = self.purge_nonces(earlier(now, kept.clock_ahead), kept.signature_window).await?;
        for (sql, at) in [
            (LINKS, now),
            (WAITING, now),
            (SESSIONS, ended),
            (DELIVERIES, ended),
            (EVENTS, ended),
            (ALERTS, ended),
            (PUSHES, ended),
        ] {
            more |= self.purge(sql, at).await?;
        }
        more |= self.purge(OLD_PUSHES, UnixSeconds(PUSHES_KEPT)).await?;
        more |= self.purge(ADMIN_KEYS, earlier(now, ADMIN_KEYS_KEPT)).await?;
        more |= self.purge(OLD_EVENTS, UnixSeconds(EVENTS_KEPT)).await?;
        more |= self.remove_deleted().await?;
        self.signals().sweep();
        self.signals().wake_deliveries();
        self.signals().wake_events();
        Ok(more)
    }

    async fn purge(&self, sql: &'static str, at: UnixSeconds) -> Result<bool, StorageError> {
        self.write(move |tx| {
            Box::pin(
                async move { Ok(tx.execute(sql, &[at.into(), AT_ONCE.into()]).await? >= AT_ONCE as u64) },
            )
        })
        .await
    }

    /// Removes some of the users of an application that was deleted, and in the end the application; whether there is more to be removed.
    pub(crate) async fn remove_deleted(&self) -> Result<bool, StorageError> {
        self.write(|tx| {
            Box::pin(async move {
                // One that another node is at is left to that one.
                let sql = "SELECT key FROM applications WHERE hidden = 2 ORDER BY key LIMIT 1 /*lock skip*/";
                match tx.query_one(sql, &[]).await? {
                    Some(found) => remove_some(tx, found.key(0)?).await.map(|()| true),
                    None => Ok(false),
                }
            })
        })
        .await
    }
}

pub(super) fn earlier(now: UnixSeconds, by: Duration) -> UnixSeconds {
    UnixSeconds(now.0.saturating_sub(by.as_secs()))
}

async fn remove_some(tx: &mut Tx<'_>, application: ApplicationKey) -> Result<(), StorageError> {
    const SOME: &str = "SELECT key FROM users WHERE application_key = ?1 ORDER BY id LIMIT ?2 /*lock*/";
    let some = [application.into(), AT_ONCE.into()];
    let events =
        "DELETE FROM events WHERE key IN (SELECT key FROM events WHERE application_key = ?1 LIMIT ?2)";
    if tx.execute(events, &some).await? > 0 {
        return Ok(());
    }
    let values: [Value<'_>; 2] = [application.into(), USERS_AT_ONCE.into()];
    let users = tx.query(SOME, &values).await?;
    if users.is_empty() {
        // Its last rows go with it.
        tx.execute("DELETE FROM applications WHERE key = ?1", &[application.into()]).await?;
        return Ok(());
    }
    // Those with a lock on them: nobody is added to an application that is not there any more.
    for sql in [
        "DELETE FROM sessions WHERE user_key IN
             (SELECT key FROM users WHERE application_key = ?1 ORDER BY id LIMIT ?2)",
        "DELETE FROM deliveries WHERE user_key IN
             (SELECT key FROM users WHERE application_key = ?1 ORDER BY id LIMIT ?2)",
        "DELETE FROM pushes WHERE user_key IN
             (SELECT key FROM users WHERE application_key = ?1 ORDER BY id LIMIT ?2)",
        "DELETE FROM users WHERE key IN (SELECT key FROM users WHERE application_key = ?1 ORDER BY id LIMIT ?2)",
    ] {
        tx.execute(sql, &values).await?;
    }
    Ok(())
}
