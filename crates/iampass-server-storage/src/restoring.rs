//! The things that a backup must not bring back: it does not know the changes since it was made.
//!
//! A session that was logged out since would be active again, a link or a recovery code that was used could be used again, a phone that waited would wait
//! again, and a phone that was lost would be registered again. A key of the Admin API that was revoked would be good again. All but the phone that was lost
//! are ended here, links into the Console among them; that phone only people know. Events would go to an endpoint that its owners have removed since.
//! Keys of rows would be given anew, too, and a cookie of the Console that was made after the backup would mean another account. So they go on behind all
//! that were given.

use std::path::Path;

use std::time::Duration;

use super::{Database, DatabaseUrl, MasterKeySource, StorageError, postgres, sqlite};

const FORGET: [&str; 2] = ["DELETE FROM links", "DELETE FROM console_links"];

/// A phone would come in once more by a code that was used or replaced since, or by waiting.
const FORGET_RECOVERY: [&str; 2] = ["DELETE FROM recovery_codes", "DELETE FROM waiting_phones"];

/// A key of the Admin API may have been revoked since. The rows stay, so that administrators see which have ended.
const END_ADMIN_KEYS: &str = "UPDATE admin_keys SET revoked_at = ?1 WHERE revoked_at IS NULL";

/// The owners of an endpoint may have removed it since, or led it elsewhere. They switch it on again.
const SWITCH_ENDPOINTS_OFF: &str =
    "UPDATE event_endpoints SET off_at = ?1, off_by = 'restore', turn = turn + 1 WHERE off_at IS NULL";

/// Events that waited were sent since, or are no news any more.
const WITHDRAW_EVENTS: &str =
    "UPDATE events SET state = 'withdrawn', ended_at = ?1, leased_until = NULL WHERE state = 'queued'";

/// So are words to operators about that time. An alert that lasts begins anew.
const END_ALERTS: &str = "UPDATE alerts SET waits = 0, leased_until = NULL, cleared_at = coalesce(cleared_at, ?1) WHERE waits <> 0 OR cleared_at IS NULL";

/// In SQL, to be run in the transaction that brings the backup back. The backup may be of a version that does not have all tables.
const STATEMENTS: [&str; 6] = [
    "UPDATE sessions SET state = 'closed', due_at = NULL, ended_at = floor(extract(epoch FROM now()))::bigint
     WHERE ended_at IS NULL",
    FORGET[0],
    FORGET[1],
    "DO $$ BEGIN IF to_regclass('recovery_codes') IS NOT NULL THEN DELETE FROM recovery_codes; DELETE FROM waiting_phones; END IF; END $$",
    "DO $$ BEGIN IF to_regclass('admin_keys') IS NOT NULL THEN UPDATE admin_keys SET revoked_at = floor(extract(epoch FROM now()))::bigint WHERE revoked_at IS NULL; END IF; END $$",
    "DO $$ BEGIN IF to_regclass('event_endpoints') IS NOT NULL THEN
         UPDATE event_endpoints SET off_at = floor(extract(epoch FROM now()))::bigint, off_by = 'restore', turn = turn + 1 WHERE off_at IS NULL;
     END IF; END $$",
];

/// [`WITHDRAW_EVENTS`] and [`END_ALERTS`], in the same transaction. It is done where sessions are kept as well.
const WITHDRAW_EVENTS_TOO: &str = "DO $$ BEGIN IF to_regclass('events') IS NOT NULL THEN
         UPDATE alerts SET waits = 0, leased_until = NULL, cleared_at = coalesce(cleared_at, floor(extract(epoch FROM now()))::bigint)
             WHERE waits <> 0 OR cleared_at IS NULL;
         UPDATE events SET state = 'withdrawn', ended_at = floor(extract(epoch FROM now()))::bigint, leased_until = NULL WHERE state = 'queued';
     END IF; END $$";

/// Nonces that were used since the backup was made stay used, on nodes that run on as well, and so do the times of which nonces were deleted.
///
/// The table is locked first: a nonce that is being stored is kept, and none is stored behind it. Changes store theirs before anything else.
const KEEP_NONCES: &str = "DO $$ BEGIN
         IF to_regclass('nonces') IS NOT NULL THEN LOCK TABLE nonces IN ACCESS EXCLUSIVE MODE; END IF;
     END $$;
     CREATE TEMP TABLE kept_nonces (id text, nonce bigint, timestamp bigint);
     CREATE TEMP TABLE kept_times (value bytea);
     DO $$ BEGIN
         IF to_regclass('nonces') IS NOT NULL THEN INSERT INTO pg_temp.kept_nonces SELECT id, nonce, timestamp FROM nonces; END IF;
         IF to_regclass('settings') IS NOT NULL THEN INSERT INTO pg_temp.kept_times SELECT value FROM settings WHERE name = 'forgotten nonces'; END IF;
     END $$";

/// [`KEEP_NONCES`], afterwards.
const BRING_NONCES_BACK: &str = "INSERT INTO nonces (id, nonce, timestamp) SELECT id, nonce, timestamp FROM pg_temp.kept_nonces ON CONFLICT DO NOTHING;
     INSERT INTO settings (name, value) SELECT 'forgotten nonces', value FROM pg_temp.kept_times
         ON CONFLICT (name) DO UPDATE SET value = excluded.value";

/// The tables whose keys stand in cookies and in memory. A key that was given after the backup must not be given to another row.
const KEYED: &str = "SELECT name FROM unnest(ARRAY['accounts', 'applications', 'users']) AS name WHERE to_regclass(name) IS NOT NULL";

/// Keys go on behind all that were given before, for which the present millisecond is a number that no service has come to, restored or not.
fn keys_go_on() -> String {
    format!(
        "SELECT setval(pg_get_serial_sequence(name, 'key'),
                       greatest(nextval(pg_get_serial_sequence(name, 'key')), floor(extract(epoch FROM now()) * 1000)::bigint)) FROM ({KEYED}) AS keyed"
    )
}

/// The same for a data file, for the name of a table.
const KEYS_GO_ON: [&str; 2] = [
    "INSERT INTO sqlite_sequence (name, seq) SELECT ?1, 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?1)",
    "UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1",
];

/// Puts a backup in the place of what is in the PostgreSQL of this URL, in one transaction, withdraws its events that wait, ends its alerts, and unless told
/// otherwise ends its sessions, links, recovery codes and keys of the Admin API in it, and switches its endpoints of events off.
///
/// # Errors
/// [`StorageError::Program`], and those of reading the backup; then the database is as it was.
pub fn restore_postgres(
    url: &DatabaseUrl,
    keys: &MasterKeySource,
    from: &Path,
    keep_sessions: bool,
) -> Result<(), StorageError> {
    let go_on = keys_go_on();
    let ended: &[&str] = if keep_sessions { &[] } else { &STATEMENTS };
    let after = [ended, &[WITHDRAW_EVENTS_TOO, go_on.as_str(), BRING_NONCES_BACK]].concat();
    postgres::restore(url, keys, from, KEEP_NONCES, &after)
}

impl Database {
    /// Ends all sessions, links, recovery codes, keys of the Admin API and phones that wait, and switches all endpoints of events off; how many sessions.
    pub async fn end_what_was_restored(&self) -> Result<u64, StorageError> {
        self.write(|tx| {
            Box::pin(async move {
                let now = tx.now();
                let sql = "UPDATE sessions SET state = 'closed', due_at = NULL, ended_at = ?1 WHERE ended_at IS NULL";
                let ended = tx.execute(sql, &[now.into()]).await?;
                for forget in FORGET.into_iter().chain(FORGET_RECOVERY) {
                    tx.execute(forget, &[]).await?;
                }
                tx.execute(END_ADMIN_KEYS, &[now.into()]).await?;
                tx.execute(SWITCH_ENDPOINTS_OFF, &[now.into()]).await?;
                Ok(ended)
            })
        })
        .await
    }

    /// Lets no signed request count again that was used since the backup was made: services that start on this data take none that was signed before now. Of later
    /// times, which the clocks of some clients are ahead to, those count as used that the data file in its place before, `old`, knows. Where that cannot be
    /// read, no request is taken for as long as `window`, by which a signature may be off.
    pub async fn forget_restored_nonces(
        &self,
        old: Option<&Path>,
        window: Duration,
    ) -> Result<(), StorageError> {
        let now = self.read(|tx| Box::pin(async move { Ok(tx.now()) })).await?;
        let after_now = now.plus(Duration::from_secs(1));
        let used = match old {
            Some(old) => {
                let old = old.to_owned();
                let read = tokio::task::spawn_blocking(move || sqlite::nonces_from(&old, after_now)).await;
                read.unwrap_or(Err(StorageError::Panicked))
            }
            None => Ok(Vec::new()),
        };
        match used {
            Ok(used) => self.forget_until(after_now, used).await,
            Err(error) => {
                tracing::warn!(%error, "the data before cannot be read: requests are refused until the window has passed");
                self.forget_until(after_now.plus(window), Vec::new()).await
            }
        }
    }

    /// Withdraws the events that waited when the backup was made, and ends its alerts.
    pub async fn withdraw_restored_events(&self) -> Result<(), StorageError> {
        self.write(|tx| {
            Box::pin(async move {
                let now = tx.now();
                tx.execute(END_ALERTS, &[now.into()]).await?;
                tx.execute(WITHDRAW_EVENTS, &[now.into()]).await.map(drop)
            })
        })
        .await
    }

    /// Keys of rows in a data file that was restored go on behind those that were given after the backup.
    pub async fn let_keys_go_on(&self) -> Result<(), StorageError> {
        self.write(|tx| {
            Box::pin(async move {
                let now = i64::try_from(tx.now().0.saturating_mul(1_000)).unwrap_or(i64::MAX / 2);
                for table in ["accounts", "applications", "users"] {
                    tx.execute(KEYS_GO_ON[0], &[table.into()]).await?;
                    tx.execute(KEYS_GO_ON[1], &[table.into(), now.into()]).await?;
                }
                Ok(())
            })
        })
        .await
    }
}
