//! [`Database`]: the open data file.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use tempfile::TempDir;

use super::lock::{DataLock, make_private};
use super::nonces::{self, SpentNonce};
use super::reader::Readers;
use super::writer::Writer;
use super::{StorageError, schema};
use crate::DataFile;

/// The data file, open for one service. Fields are dropped in this order: the writer flushes before the lock is given back.
#[derive(Debug)]
pub(crate) struct Database {
    writer: Writer,
    readers: Readers,
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
    /// Opens or makes the file and brings it to the current schema.
    pub(crate) fn open(data: &DataFile, sharing: Sharing) -> Result<Self, StorageError> {
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
        make_private(&path)?;
        let mut lock = match sharing {
            Sharing::Alone => Some(DataLock::take(&path)?),
            Sharing::Beside => None,
        };
        let mut connection = Connection::open(&path)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        if lock.is_none() && !schema::is_current(&connection)? {
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
        Ok(Self { writer, readers, path, _lock: lock, _temporary: temporary })
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

    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, StorageError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StorageError> + Send + 'static,
    {
        self.writer.write(work).await
    }

    /// Makes the change of a signed request: its nonce goes into the same transaction.
    pub(super) async fn write_spending<T, F>(&self, spent: SpentNonce, work: F) -> Result<T, StorageError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StorageError> + Send + 'static,
    {
        let row = spent.into_row();
        self.write(move |connection| {
            if let Some(row) = &row {
                nonces::insert(connection, row)?;
            }
            work(connection)
        })
        .await
    }

    pub(super) fn write_behind(&self, id: &str, nonce: u64, timestamp: u64) {
        self.writer.write_behind(id, nonce, timestamp);
    }

    /// Returns after everything that has been handed over is on disk.
    pub(crate) async fn flush(&self) -> Result<(), StorageError> {
        self.write(|_| Ok(())).await
    }
}
