//! [`Database`]: the open store, whichever it is.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use iampass_core::port::Clock;
use iampass_core::signing::{ForgottenTimes, UsedNonces};
use iampass_server_domain::AccountLimits;
use tokio::runtime::{Handle, RuntimeFlavor};

use super::bulk::BulkTurns;
use super::console::LoginHoursCache;
use super::nonce_rows::NonceRow;
use super::nonces::SpentNonce;
use super::postgres::{self, Postgres};
use super::remembered::Remembered;
use super::sealing::Sealer;
use super::signals::Signals;
use super::sqlite::{self, Sqlite, WriterFigures};
use super::{Awaited, StorageError, Tx, Work};
use super::{Sharing, StorageConfig, StorageLocation, StoreCondition};

/// The store, open for one service.
pub struct Database {
    backend: Backend,
    /// None where the data file is at hand itself.
    remembered: Option<Remembered>,
    clock: Arc<dyn Clock>,
    sealer: Arc<Sealer>,
    signals: Arc<Signals>,
    /// The turns of calls that change many rows.
    pub(super) bulk: BulkTurns,
    /// How much an account of the Console may take up.
    pub(super) account_limits: AccountLimits,
    /// Questions whose time was up, and which this node has written down.
    pub(super) timed_out: AtomicU64,
    /// Logins of hours that are over, as they were counted.
    pub(super) login_hours: LoginHoursCache,
}

enum Backend {
    Sqlite(Sqlite),
    Postgres(Box<Postgres>),
}

impl Database {
    /// Opens or makes what the configuration names, and brings it to the current schema.
    pub async fn open(config: &StorageConfig, sharing: Sharing) -> Result<Self, StorageError> {
        let (clock, keys) = (Arc::clone(&config.clock), &config.master_key);
        let signals = Arc::new(Signals::new());
        let in_file = |path: Option<&Path>| {
            let (sqlite, sealer) = Sqlite::open(path, sharing, keys, config.migrations, &*clock)?;
            Ok::<_, StorageError>((Backend::Sqlite(sqlite), Arc::new(sealer)))
        };
        let (backend, sealer) = match &config.data {
            StorageLocation::File(path) => in_file(Some(path))?,
            StorageLocation::Temporary => in_file(None)?,
            StorageLocation::Postgres(url) => {
                let (postgres, sealer) =
                    Postgres::open(url, keys, config.migrations, &clock, Arc::clone(&signals)).await?;
                (Backend::Postgres(Box::new(postgres)), sealer)
            }
        };
        let remembered = matches!(backend, Backend::Postgres(_)).then(Remembered::new);
        let bulk = BulkTurns::new();
        let login_hours = LoginHoursCache::default();
        Ok(Self {
            backend,
            remembered,
            clock,
            sealer,
            signals,
            bulk,
            account_limits: config.account_limits,
            timed_out: AtomicU64::new(0),
            login_hours,
        })
    }

    /// Where the data file is, if it is one.
    pub fn path(&self) -> Option<&Path> {
        match &self.backend {
            Backend::Sqlite(sqlite) => Some(sqlite.path()),
            Backend::Postgres(_) => None,
        }
    }

    /// Which of the dialects of `iampass-sql` it speaks.
    pub(super) fn dialect(&self) -> iampass_sql::Dialect {
        match &self.backend {
            Backend::Sqlite(_) => iampass_sql::Dialect::Sqlite,
            Backend::Postgres(_) => iampass_sql::Dialect::Postgres,
        }
    }

    /// Does an operation that changes nothing.
    pub(crate) async fn read<T, F>(&self, work: F) -> Result<T, StorageError>
    where
        F: for<'t> FnOnce(&'t mut Tx<'t>) -> Work<'t, T> + Send,
    {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.read(&*self.clock, &self.sealer, work),
            Backend::Postgres(postgres) => postgres.read(work).await,
        }
    }

    /// Does an operation that changes nothing and reads many rows. Where that keeps a thread busy, others of the runtime go on meanwhile.
    pub(crate) async fn read_many<T, F>(&self, work: F) -> Result<T, StorageError>
    where
        F: for<'t> FnOnce(&'t mut Tx<'t>) -> Work<'t, T> + Send,
    {
        match &self.backend {
            Backend::Sqlite(sqlite) => blocking(|| sqlite.read(&*self.clock, &self.sealer, work)),
            Backend::Postgres(postgres) => postgres.read(work).await,
        }
    }

    /// The data file, where one can be read without waiting for anything.
    pub(super) fn at_once(&self) -> Option<(&Sqlite, &Sealer)> {
        match &self.backend {
            Backend::Sqlite(sqlite) => Some((sqlite, &self.sealer)),
            Backend::Postgres(_) => None,
        }
    }

    /// The signers that this node remembers. None where the data file is at hand itself.
    pub(super) fn remembered(&self) -> Option<&Remembered> {
        self.remembered.as_ref()
    }

    pub(super) fn postgres(&self) -> Option<&Postgres> {
        match &self.backend {
            Backend::Sqlite(_) => None,
            Backend::Postgres(postgres) => Some(postgres),
        }
    }

    pub(super) fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Makes a change and returns after it is on disk.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, StorageError>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx<'t>) -> Work<'t, T> + Clone + Send + 'static,
    {
        self.write_with(None, work).await?
    }

    /// Makes the change of a signed request: its nonce goes into the same transaction. It is spent even if the change fails by itself, and
    /// written behind if the transaction fails: a request that was refused must not be good a second time.
    pub(crate) async fn write_spending<T, F>(&self, spent: SpentNonce, work: F) -> Result<T, StorageError>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx<'t>) -> Work<'t, T> + Clone + Send + 'static,
    {
        match &self.backend {
            Backend::Sqlite(_) => {}
            // It takes care of the nonce itself, whatever becomes of the caller.
            Backend::Postgres(postgres) => {
                let (row, foreseen) = (spent.row(), spent.signer());
                spent.stored();
                return postgres.write(row, foreseen, work).await;
            }
        }
        match self.write_with(spent.row(), work).await {
            Ok(result) => {
                spent.stored();
                result
            }
            Err(StorageError::Replayed) => {
                spent.stored();
                Err(StorageError::Replayed)
            }
            Err(error) => Err(error),
        }
    }

    async fn write_with<T, F>(
        &self,
        spent: Option<NonceRow>,
        work: F,
    ) -> Result<Result<T, StorageError>, StorageError>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx<'t>) -> Work<'t, T> + Clone + Send + 'static,
    {
        match &self.backend {
            Backend::Sqlite(sqlite) => {
                let (clock, sealer) = (Arc::clone(&self.clock), Arc::clone(&self.sealer));
                let queued = sqlite.queue(clock, sealer, Arc::clone(&self.signals), spent, work)?;
                queued.await.unwrap_or(Err(StorageError::Stopped))
            }
            Backend::Postgres(postgres) => postgres.write(spent, None, work).await.map(Ok),
        }
    }

    /// As [`Database::write`], for those who cannot wait where they are: the change is on its way when this returns.
    pub(super) fn queue<T, F>(&self, work: F) -> Result<Queue<T>, StorageError>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx<'t>) -> Work<'t, T> + Clone + Send + 'static,
    {
        Ok(match &self.backend {
            Backend::Sqlite(sqlite) => {
                let (clock, sealer) = (Arc::clone(&self.clock), Arc::clone(&self.sealer));
                Queue::Sqlite(sqlite.queue(clock, sealer, Arc::clone(&self.signals), None, work)?)
            }
            Backend::Postgres(postgres) => Queue::Postgres(postgres.queue(work)),
        })
    }

    /// Makes a nonce known to all nodes that may receive it. After this it is spent, even if its request fails.
    ///
    /// # Errors
    /// [`StorageError::Replayed`] when another node knows it already.
    pub(super) async fn spend(self: &Arc<Self>, row: NonceRow) -> Result<SpentNonce, StorageError> {
        match &self.backend {
            // The one service on this file has it in memory; it goes to the disk with its change, or behind.
            Backend::Sqlite(_) => Ok(SpentNonce::to_be_stored(Arc::clone(self), row)),
            Backend::Postgres(postgres) => {
                postgres.spend(row).await?;
                Ok(SpentNonce::none(Arc::clone(self)))
            }
        }
    }

    pub(super) fn write_behind(&self, row: &NonceRow) {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.writer.write_behind(&row.id, row.nonce, row.timestamp),
            Backend::Postgres(postgres) => postgres.spend_behind(row.clone()),
        }
    }

    /// The nonces that are stored, of which those of the times `missing` have been deleted. Where the database itself is asked for each, none
    /// has to be remembered.
    pub fn used_nonces(&self, missing: ForgottenTimes) -> Result<UsedNonces, StorageError> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.used_nonces(missing),
            Backend::Postgres(_) => Ok(UsedNonces::without(missing)),
        }
    }

    /// Whether others may write to the same database, each by a clock of its own.
    pub(super) fn has_other_nodes(&self) -> bool {
        matches!(self.backend, Backend::Postgres(_))
    }

    /// Lets changes on PostgreSQL wait, until this is dropped, as if a commit were under way.
    #[cfg(test)]
    pub(crate) fn hold_commits(&self) -> impl Drop + use<> {
        let Backend::Postgres(postgres) = &self.backend else { panic!("it is no PostgreSQL") };
        postgres.hold_commits()
    }

    /// How many changes wait for a commit on PostgreSQL.
    #[cfg(test)]
    pub(crate) fn waiting_changes(&self) -> usize {
        let Backend::Postgres(postgres) = &self.backend else { panic!("it is no PostgreSQL") };
        postgres.waiting_changes()
    }

    /// The signals of this node.
    pub fn signals(&self) -> &Signals {
        &self.signals
    }

    /// Returns when those who wait for something are to look again by themselves. Never where they are woken for certain.
    pub async fn time_to_look(&self) {
        match &self.backend {
            Backend::Sqlite(_) => std::future::pending().await,
            Backend::Postgres(_) => tokio::time::sleep(postgres::LOOK_AGAIN).await,
        }
    }

    /// How many transactions this node has committed.
    pub fn commits(&self) -> u64 {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.figures().commits(),
            Backend::Postgres(postgres) => postgres.commits(),
        }
    }

    /// The counters of the one writer of a data file.
    pub fn writer_figures(&self) -> Option<&WriterFigures> {
        match &self.backend {
            Backend::Sqlite(sqlite) => Some(sqlite.figures()),
            Backend::Postgres(_) => None,
        }
    }

    /// Whether the store has the tables that this program knows, and what its clock says. It is asked itself, so this says as well whether
    /// it answers.
    pub async fn condition(&self) -> Result<StoreCondition, StorageError> {
        let (sql, known) = match &self.backend {
            Backend::Sqlite(_) => ("PRAGMA user_version", sqlite::KNOWN_SCHEMA),
            Backend::Postgres(_) => (postgres::CONDITION, postgres::KNOWN_SCHEMA),
        };
        let has_clock = self.has_other_nodes();
        self.read(move |tx| {
            Box::pin(async move {
                let row = tx.query_one(sql, &[]).await?;
                let version = row.as_ref().map(|row| row.optional_integer(0)).transpose()?.flatten();
                let now = row.filter(|_| has_clock).map(|row| row.seconds(1)).transpose()?;
                Ok(StoreCondition { has_current_schema: version == Some(known), now })
            })
        })
        .await
    }

    /// Whether the store takes changes, and is still the one that was opened. A small change is made and taken back.
    pub async fn takes_changes(&self) -> Result<(), StorageError> {
        if let Backend::Sqlite(sqlite) = &self.backend {
            sqlite.is_in_place()?;
        }
        self.write(|tx| Box::pin(super::writable::try_a_change(tx))).await
    }

    /// Returns after everything that has been handed over is on disk.
    pub async fn flush(&self) -> Result<(), StorageError> {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.flush().await,
            Backend::Postgres(postgres) => postgres.flush().await,
        }
    }

    /// Queues up a change that holds the writer, within its transaction, until it is let go: it says when it has got there.
    #[cfg(any(test, feature = "test-support"))]
    #[allow(clippy::unwrap_used)]
    pub fn hold_writer(&self) -> (tokio::sync::oneshot::Receiver<()>, std::sync::mpsc::Sender<()>) {
        self.at_once().unwrap().0.hold_writer()
    }
}

/// Lets a runtime with several threads use another one in place of this one.
fn blocking<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}

/// A change on its way.
pub enum Queue<T> {
    /// In the queue of a data file.
    Sqlite(Awaited<Result<T, StorageError>>),
    /// On its way to PostgreSQL.
    Postgres(Awaited<T>),
}

impl<T> Queue<T> {
    /// Waits until it is made, or has failed.
    pub async fn done(self) -> Result<T, StorageError> {
        match self {
            Self::Sqlite(answer) => answer.await.unwrap_or(Err(StorageError::Stopped))?,
            Self::Postgres(answer) => answer.await.unwrap_or(Err(StorageError::Stopped)),
        }
    }
}

impl<T> std::fmt::Debug for Queue<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.backend {
            Backend::Sqlite(sqlite) => sqlite.fmt(f),
            Backend::Postgres(postgres) => postgres.fmt(f),
        }
    }
}
