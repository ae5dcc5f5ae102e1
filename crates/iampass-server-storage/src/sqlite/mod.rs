//! One node over one SQLite file.
//!
//! Changes go through one writer ([`writer`]), reads go to a small pool ([`reader`]). Belongs here: how SQLite is reached, and what it does
//! in ways of its own. Does not belong here: what is stored (the operations, beside this directory).

mod at_hand;
mod backup;
mod behind;
mod figures;
mod file_identity;
mod file_mark;
#[cfg(test)]
mod keeping_tests;
mod lock;
mod nonce_shares;
mod privacy;
mod reader;
mod schema;
mod statements;
mod writer;

pub(crate) use self::backup::nonces_from;
pub use self::backup::{copy, put_in_place};
pub use self::privacy::beside;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

#[cfg(test)]
use iampass_core::UnixSeconds;
use iampass_core::port::Clock;
#[cfg(test)]
use iampass_core::signing::Nonce;
use iampass_core::signing::{ForgottenTimes, UsedNonces};
use rusqlite::Connection;
use tempfile::TempDir;

use self::at_hand::AtHand;
pub use self::figures::WriterFigures;
use self::file_identity::FileIdentity;
use self::lock::DataLock;
use self::privacy::{close_to_others, find_or_make};
use self::reader::Readers;
pub(crate) use self::schema::KNOWN as KNOWN_SCHEMA;
use self::statements::{SqliteStatements, finish};
use self::writer::{Writer, attempt};
use super::nonce_rows::{self, NonceRow};
use super::sealing::Sealer;
use super::signals::{Raised, Signals};
use super::{Awaited, Migrations, Sharing, StorageError, Tx, Work};
use crate::master_key::{MasterKey, MasterKeySource, MasterKeys};

/// The data file, open for one service. Fields are dropped in this order. The writer is the last to close the file, so that it takes all
/// changes from the `-wal` file into it and removes that: a connection that only reads cannot. The writer flushes before the lock is given
/// back.
pub(crate) struct Sqlite {
    readers: Readers,
    pub(crate) writer: Writer,
    /// Sessions that need not be read.
    pub(crate) at_hand: Arc<AtHand>,
    path: PathBuf,
    file: FileIdentity,
    /// Where this process alone keeps the file.
    mark: Option<i32>,
    _lock: Option<DataLock>,
    _temporary: Option<TempDir>,
}

impl Sqlite {
    /// Opens or makes the file, for others or (`None`) for as long as it is open, and brings it to the current schema.
    pub(crate) fn open(
        data: Option<&Path>,
        sharing: Sharing,
        keys: &MasterKeySource,
        migrations: Migrations,
        clock: &dyn Clock,
    ) -> Result<(Self, Sealer), StorageError> {
        let (path, temporary) = match data {
            Some(path) => (path.to_owned(), None),
            None => {
                let directory = tempfile::Builder::new()
                    .prefix("iampass-")
                    .tempdir()
                    .map_err(|source| StorageError::Open { path: std::env::temp_dir(), source })?;
                (directory.path().join("iampass-dev.sqlite"), Some(directory))
            }
        };
        let path = find_or_make(&path)?;
        let mut lock = match sharing {
            Sharing::Alone => Some(DataLock::take(&path)?),
            Sharing::Beside => None,
        };
        let mut connection = Connection::open(&path)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        // A file that cannot be read as a data file is left unchanged.
        let version = schema::version(&connection)?;
        schema::check(version, migrations)?;
        close_to_others(&path)?;
        if lock.is_none() && version != schema::KNOWN {
            // Tables must not change under a service that runs.
            lock = Some(DataLock::take(&path)?);
        }
        let sealer = Sealer::new(&find_keys(keys, &path, version)?)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // Acknowledged changes survive a power cut, not only a crash of the process.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        // Deleted data are overwritten: a phone number that was delivered must not remain in free pages.
        connection.pragma_update(None, "secure_delete", "ON")?;
        connection.set_prepared_statement_cache_capacity(256);
        schema::migrate(&mut connection, &sealer)?;
        {
            // Before anything else is done with the secrets in it.
            let mut statements = SqliteStatements(&mut connection);
            let raised = Raised::default();
            let mut tx = Tx::new(&mut statements, clock, &sealer, &raised);
            finish(Box::pin(super::master_key_check::check_master_key(&mut tx)))?;
        }
        let mark = match sharing {
            Sharing::Alone => file_mark::draw(&connection, &path)?,
            Sharing::Beside => None,
        };
        let readers = Readers::open(&path)?;
        let at_hand = AtHand::of(&connection)?;
        let writer = Writer::start(connection, Arc::default(), Arc::clone(&at_hand))
            .map_err(|source| StorageError::Open { path: path.clone(), source })?;
        let file = FileIdentity::of(&path)?;
        Ok((Self { writer, readers, at_hand, path, file, mark, _lock: lock, _temporary: temporary }, sealer))
    }

    /// Where the file is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the file that is open is the one at its path.
    ///
    /// # Errors
    /// [`StorageError::Replaced`].
    pub(crate) fn is_in_place(&self) -> Result<(), StorageError> {
        let replaced = || StorageError::Replaced { path: self.path.clone() };
        if !FileIdentity::of(&self.path).is_ok_and(|found| found == self.file) {
            return Err(replaced());
        }
        match self.mark {
            Some(_) if file_mark::in_file(&self.path)? != self.mark => Err(replaced()),
            _ => Ok(()),
        }
    }

    /// Does an operation that changes nothing.
    pub(crate) fn read<T, F>(&self, clock: &dyn Clock, sealer: &Sealer, work: F) -> Result<T, StorageError>
    where
        F: for<'t> FnOnce(&'t mut Tx<'t>) -> Work<'t, T>,
    {
        self.readers.read(|connection| run(connection, clock, sealer, &Raised::default(), work))
    }

    /// Reads without the detour over operations, for the one read that is made most often.
    pub(super) fn read_at_once<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        self.readers.read(|connection| work(connection))
    }

    /// Puts a change into the queue, with the nonce of the request that makes it. The nonce is spent even if the change fails by itself.
    ///
    /// The outer error says that nothing was stored; the inner one that the change failed and the nonce was stored.
    pub(crate) fn queue<T, F>(
        &self,
        clock: Arc<dyn Clock>,
        sealer: Arc<Sealer>,
        signals: Arc<Signals>,
        spent: Option<NonceRow>,
        work: F,
    ) -> Result<Awaited<Result<T, StorageError>>, StorageError>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx<'t>) -> Work<'t, T> + Send + 'static,
    {
        let raised = Arc::new(Raised::default());
        let by_change = Arc::clone(&raised);
        let change = move |connection: &mut Connection| {
            if let Some(row) = spent {
                run(connection, &*clock, &sealer, &Raised::default(), move |tx| {
                    Box::pin(async move { nonce_rows::insert(tx, &row).await })
                })?;
            }
            let done = attempt(connection, |connection| run(connection, &*clock, &sealer, &by_change, work))?;
            if done.is_err() {
                by_change.clear();
            }
            Ok(done)
        };
        self.writer.queue_and_then(change, move || drop(signals.send(&raised)))
    }

    /// All nonces that are stored, of which those of the times `missing` have been deleted.
    pub(crate) fn used_nonces(&self, missing: ForgottenTimes) -> Result<UsedNonces, StorageError> {
        self.readers.read(|connection| nonce_shares::used(connection, missing))
    }

    /// Those whose timestamps do not lie before `oldest`, and some more, one after another.
    #[cfg(test)]
    pub(crate) fn visit_nonces(
        &self,
        oldest: UnixSeconds,
        visit: impl FnMut(&str, Nonce, UnixSeconds) -> Result<(), StorageError>,
    ) -> Result<(), StorageError> {
        self.readers.read(|connection| behind::visit(connection, oldest, visit))
    }

    /// Returns after everything that has been handed over is on disk.
    pub(crate) async fn flush(&self) -> Result<(), StorageError> {
        self.writer.write(|_| Ok(())).await
    }

    /// The writer's counters.
    pub(crate) fn figures(&self) -> &WriterFigures {
        self.writer.figures()
    }

    /// Queues up a change that holds the writer, within its transaction, until it is let go: it says when it has got there.
    #[cfg(any(test, feature = "test-support"))]
    #[allow(clippy::unwrap_used)]
    pub(crate) fn hold_writer(&self) -> (tokio::sync::oneshot::Receiver<()>, std::sync::mpsc::Sender<()>) {
        let (reached, is_reached) = tokio::sync::oneshot::channel();
        let (let_go, is_let_go) = std::sync::mpsc::channel::<()>();
        let holding = self.writer.queue(move |_| {
            let _ = reached.send(());
            let _ = is_let_go.recv();
            Ok(())
        });
        holding.unwrap();
        (is_reached, let_go)
    }
}

fn run<T, F>(
    connection: &mut Connection,
    clock: &dyn Clock,
    sealer: &Sealer,
    raised: &Raised,
    work: F,
) -> Result<T, StorageError>
where
    F: for<'t> FnOnce(&'t mut Tx<'t>) -> Work<'t, T>,
{
    let mut statements = SqliteStatements(connection);
    let mut tx = Tx::new(&mut statements, clock, sealer, raised);
    finish(work(&mut tx))
}

/// The keys, and where they are to lie beside the data and there is nothing yet that they could have sealed, a new one.
fn find_keys(keys: &MasterKeySource, data: &Path, version: i64) -> Result<MasterKeys, StorageError> {
    match keys {
        MasterKeySource::Keys(keys) => Ok(keys.clone()),
        MasterKeySource::BesideData => {
            let path = beside(data, ".key");
            if path.exists() {
                return Ok(MasterKeys::new(MasterKey::from_file(&path)?));
            }
            if version >= schema::SEALED_SINCE {
                return Err(StorageError::MasterKeyMissing { path });
            }
            let key = MasterKey::make_file(&path)?;
            tracing::info!(
                path = %path.display(),
                "a master key was made: without it nothing in the data file can be opened; keep a copy of it apart from the data"
            );
            Ok(MasterKeys::new(key))
        }
    }
}

impl std::fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sqlite").field("path", &self.path).finish_non_exhaustive()
    }
}
