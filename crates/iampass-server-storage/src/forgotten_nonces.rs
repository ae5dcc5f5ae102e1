//! The nonces that are deleted, and the times of which they have been.
//!
//! A nonce is deleted when no clock can make it good again: by the clock of this machine, and where nodes share a database by the
//! database's too. Clocks may be wrong, and a service that is started under a wrong one cannot know it. So the times of what is deleted are kept
//! in the same transaction. When the clock is right again, a request that was signed at such a time is refused, and all others are taken, also
//! after a restart.
//!
//! Belongs here: what is deleted, and what is kept of it. Does not belong here: when ([`super::tidying`]).

use std::time::Duration;

use iampass_core::UnixSeconds;
use iampass_core::signing::{ForgottenTimes, Nonce};

use super::tidying::{AT_ONCE, earlier};
use super::{Database, Sealed, StorageError, Tx, Value};

/// The name of the setting.
const NAME: &str = "forgotten nonces";

const NONCES: &str = "DELETE FROM nonces WHERE (id, nonce) IN
     (SELECT id, nonce FROM nonces WHERE timestamp < ?1 LIMIT ?2) RETURNING timestamp";

/// The clock of a database that nodes share.
const NOW_OF_POSTGRES: &str = "SELECT CAST(extract(epoch FROM clock_timestamp()) AS BIGINT)";

impl Database {
    /// The times of which nonces have been deleted. Data of an older version does not say it: then all before `oldest`, unless there is nobody
    /// who could have signed anything.
    pub async fn forgotten_nonces(&self, oldest: UnixSeconds) -> Result<ForgottenTimes, StorageError> {
        self.write(move |tx| {
            Box::pin(async move {
                if let Some(known) = known(tx).await? {
                    return Ok(known);
                }
                let somebody = tx.query_one("SELECT key FROM applications LIMIT 1", &[]).await?;
                let forgotten = somebody.map(|_| ForgottenTimes::before(oldest)).unwrap_or_default();
                keep(tx, &forgotten).await?;
                Ok(forgotten)
            })
        })
        .await
    }

    /// The data of a backup lack the nonces that were used since it was made: all times before `until` count as forgotten, but for these nonces, which are
    /// known from the data before.
    pub(super) async fn forget_until(
        &self,
        until: UnixSeconds,
        used: Vec<(String, Nonce, UnixSeconds)>,
    ) -> Result<(), StorageError> {
        self.write(move |tx| {
            let used = used.clone();
            Box::pin(async move {
                let mut times = ForgottenTimes::before(until);
                if let Some(known) = known(tx).await? {
                    times.extend(&known, Duration::ZERO);
                }
                keep(tx, &times).await?;
                for (id, nonce, timestamp) in &used {
                    let sql = "INSERT INTO nonces (id, nonce, timestamp) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
                    let values = [id.into(), nonce.value().cast_signed().into(), (*timestamp).into()];
                    tx.execute(sql, &values).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// Deletes nonces that no node can take for new any more; whether there are more.
    pub(crate) async fn purge_nonces(
        &self,
        now: UnixSeconds,
        window: Duration,
    ) -> Result<bool, StorageError> {
        let is_shared = self.has_other_nodes();
        // The clock of another node may be behind this one's.
        let kept = if is_shared { window * 2 } else { window };
        let oldest = earlier(now, kept);
        self.write(move |tx| {
            Box::pin(async move {
                let oldest =
                    if is_shared { oldest.min(earlier(now_of_postgres(tx).await?, kept)) } else { oldest };
                let gone = tx.query(NONCES, &[oldest.into(), AT_ONCE.into()]).await?;
                let times = gone.iter().map(|row| row.seconds(0)).collect::<Result<Vec<_>, _>>()?;
                let mut gone_times = Gone { window, oldest, times: None };
                gone_times.add(tx, times.into_iter().map(|time| (time, time))).await?;
                if !is_shared {
                    gone_times.purge_batches(tx).await?;
                }
                gone_times.keep(tx).await?;
                Ok(gone.len() as u64 >= AT_ONCE as u64)
            })
        })
        .await
    }
}

/// The times of what one transaction deletes.
struct Gone {
    window: Duration,
    /// Nothing younger is deleted.
    oldest: UnixSeconds,
    /// Those and all before them; none until there is one.
    times: Option<ForgottenTimes>,
}

impl Gone {
    async fn times(&mut self, tx: &mut Tx<'_>) -> Result<&mut ForgottenTimes, StorageError> {
        let times = match self.times.take() {
            Some(times) => times,
            None => known(tx).await?.unwrap_or_else(|| ForgottenTimes::before(self.oldest)),
        };
        Ok(self.times.insert(times))
    }

    async fn add(
        &mut self,
        tx: &mut Tx<'_>,
        spans: impl Iterator<Item = (UnixSeconds, UnixSeconds)>,
    ) -> Result<(), StorageError> {
        let mut spans: Vec<_> = spans.collect();
        if spans.is_empty() {
            return Ok(());
        }
        spans.sort_unstable();
        spans.dedup();
        let window = self.window;
        let times = self.times(tx).await?;
        for (first, last) in spans {
            times.add(first, last, window);
        }
        Ok(())
    }

    /// Deletes the nonces of one file that are stored in batches.
    async fn purge_batches(&mut self, tx: &mut Tx<'_>) -> Result<(), StorageError> {
        let (window, oldest) = (self.window, self.oldest);
        let sql = "SELECT DISTINCT latest FROM nonce_batches WHERE latest < ?1 ORDER BY latest";
        let found = tx.query(sql, &[oldest.into()]).await?;
        let latest = found.iter().map(|row| row.seconds(0)).collect::<Result<Vec<_>, _>>()?;
        if latest.is_empty() {
            return Ok(());
        }
        for latest in latest {
            // A signature may be off by the window either way. As a rule all times that the batch can have are next to each other and forgotten
            // but for the last, and the batch, which may be long, is not read.
            let known = self.times(tx).await?;
            let until = known.until(earlier(latest, window * 2));
            if until.is_some_and(|until| latest.since(until) <= window) {
                known.add(latest, latest, window);
                continue;
            }
            let rows =
                tx.query("SELECT entries FROM nonce_batches WHERE latest = ?1", &[latest.into()]).await?;
            for row in rows {
                let times = times_in(row.text(0)?)?;
                self.add(tx, times.into_iter().map(|time| (time, time))).await?;
            }
        }
        tx.execute("DELETE FROM nonce_batches WHERE latest < ?1", &[oldest.into()]).await.map(drop)
    }

    async fn keep(self, tx: &mut Tx<'_>) -> Result<(), StorageError> {
        match &self.times {
            Some(times) => keep(tx, times).await,
            None => Ok(()),
        }
    }
}

/// The times of a batch: lines of `id nonce timestamp`.
fn times_in(entries: &str) -> Result<Vec<UnixSeconds>, StorageError> {
    let time = |line: &str| line.rsplit(' ').next().and_then(|time| time.parse().ok()).map(UnixSeconds);
    let times = entries.lines().map(time).collect::<Option<_>>();
    times.ok_or(StorageError::Corrupt { what: "stored nonces" })
}

async fn now_of_postgres(tx: &mut Tx<'_>) -> Result<UnixSeconds, StorageError> {
    let now = tx.query_one(NOW_OF_POSTGRES, &[]).await?;
    now.ok_or(StorageError::Corrupt { what: "clock" })?.seconds(0)
}

async fn known(tx: &mut Tx<'_>) -> Result<Option<ForgottenTimes>, StorageError> {
    let sql = "SELECT value FROM settings WHERE name = ?1 /*lock*/";
    let Some(found) = tx.query_one(sql, &[NAME.into()]).await? else { return Ok(None) };
    let text = tx.open(Sealed::Setting, NAME, found.bytes(0)?)?;
    text.expose().parse().map(Some).map_err(|_| StorageError::Corrupt { what: NAME })
}

async fn keep(tx: &mut Tx<'_>, times: &ForgottenTimes) -> Result<(), StorageError> {
    let sealed = tx.seal(Sealed::Setting, NAME, &times.to_string())?;
    let values: [Value<'_>; 2] = [NAME.into(), (&sealed).into()];
    let sql = "INSERT INTO settings (name, value) VALUES (?1, ?2)
               ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    tx.execute(sql, &values).await.map(drop)
}
