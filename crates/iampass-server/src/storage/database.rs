//! [`Database`]: the open data file.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use iampass_core::UnixSeconds;
use iampass_core::port::Clock;
use rusqlite::Connection;
use tempfile::TempDir;

use super::lock::DataLock;
use super::nonces::{self, SpentNonce};
use super::privacy::{close_to_others, find_or_make};
use super::reader::Readers;
use super::writer::{Awaited, Writer, attempt};
use super::{StorageError, schema};
use crate::DataFile;

/// The data file, open for one service. Fields are dropped in this order: the writer flushes before the lock is given back.
pub(crate) struct Database {
    writer: Writer,
    readers: Readers,
    clock: Arc<dyn Clock>,
    path: PathBuf,
    _lock: Option<DataLock>,
    _temporary: Option<TempDir>,
}

/// Whether others may have the file open at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// A service: the only one on this file.
    Alone,
    /// A command that adds or lists something beside a running service.
    Beside,
}

impl Database {
    /// Opens or makes the file and brings it to the current schema. Changes are judged by the time on `clock`.
    pub(crate) fn open(
        data: &DataFile,
        sharing: Sharing,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StorageError> {
        let (path, temporary) = match data {
            DataFile::At(path) => (path.clone(), None),
            DataFile::Temporary => {
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
        // What cannot be read as a data file is not one, and nothing is done to it.
        let is_current = schema::is_current(&connection)?;
        close_to_others(&path)?;
        if lock.is_none() && !is_current {
            // Tables must not change under a service that runs.
            lock = Some(DataLock::take(&path)?);
        }
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // What has been answered survives a power cut, not only a crash of the process.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        connection.set_prepared_statement_cache_capacity(128);
        schema::migrate(&mut connection)?;
        let readers = Readers::open(&path)?;
        let writer = Writer::start(connection, Arc::default())
            .map_err(|source| StorageError::Open { path: path.clone(), source })?;
        Ok(Self { writer, readers, clock, path, _lock: lock, _temporary: temporary })
    }

    /// Where the file is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        self.readers.read(work)
    }

    /// Makes a change and returns after it is on disk. It is given the time at which it is made, not the one at which it began to wait
    /// for its turn: by then a deadline may have passed, and others may have been told so.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, StorageError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection, UnixSeconds) -> Result<T, StorageError> + Send + 'static,
    {
        self.writer.write(self.at_its_time(work)).await
    }

    /// As [`Database::write`], for those who cannot wait where they are: the change stands in the queue when this returns.
    pub(super) fn queue<T, F>(&self, work: F) -> Result<Awaited<T>, StorageError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection, UnixSeconds) -> Result<T, StorageError> + Send + 'static,
    {
        self.writer.queue(self.at_its_time(work))
    }

    fn at_its_time<T, F>(
        &self,
        work: F,
    ) -> impl FnOnce(&Connection) -> Result<T, StorageError> + Send + 'static + use<T, F>
    where
        T: 'static,
        F: FnOnce(&Connection, UnixSeconds) -> Result<T, StorageError> + Send + 'static,
    {
        let clock = Arc::clone(&self.clock);
        move |connection| work(connection, clock.now().wall)
    }

    /// Makes the change of a signed request: its nonce goes into the same transaction. It is spent even if the change fails by itself, and
    /// written behind if the transaction fails: a request that was refused must not be good a second time.
    pub(super) async fn write_spending<T, F>(&self, spent: SpentNonce, work: F) -> Result<T, StorageError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection, UnixSeconds) -> Result<T, StorageError> + Send + 'static,
    {
        let row = spent.row();
        let made = self.write(move |connection, now| {
            if let Some(row) = &row {
                nonces::insert(connection, row)?;
            }
            Ok(attempt(connection, |connection| work(connection, now))?)
        });
        match made.await {
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

    pub(super) fn write_behind(&self, id: &str, nonce: u64, timestamp: u64) {
        self.writer.write_behind(id, nonce, timestamp);
    }

    /// Queues up a change that holds the writer, within its transaction, until it is let go: it says when it has got there.
    #[cfg(test)]
    pub(crate) fn hold_writer(&self) -> (tokio::sync::oneshot::Receiver<()>, std::sync::mpsc::Sender<()>) {
        let (reached, is_reached) = tokio::sync::oneshot::channel();
        let (let_go, is_let_go) = std::sync::mpsc::channel::<()>();
        let holding = self.queue(move |_, _| {
            let _ = reached.send(());
            let _ = is_let_go.recv();
            Ok(())
        });
        holding.unwrap();
        (is_reached, let_go)
    }

    /// Returns after everything that has been handed over is on disk.
    pub(crate) async fn flush(&self) -> Result<(), StorageError> {
        self.write(|_, _| Ok(())).await
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("path", &self.path).finish_non_exhaustive()
    }
}
