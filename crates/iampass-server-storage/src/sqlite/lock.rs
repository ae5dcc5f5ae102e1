//! One service a data file.
//!
//! SQLite lets several processes write to one file, but nonces that were only read with are remembered in memory first: two
//! services on one file would each accept the same request. The lock is on a file beside the data, because SQLite takes locks of its
//! own on the data file.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use super::privacy::beside;
use crate::StorageError;

/// Held as long as the service lives; the system releases it when the process dies, however it dies.
#[derive(Debug)]
pub(crate) struct DataLock {
    _file: File,
}

impl DataLock {
    /// Takes the lock of the file at `data`, which is its one true path: another way to the same file would be another lock.
    pub(crate) fn take(data: &Path) -> Result<Self, StorageError> {
        let path = beside(data, ".lock");
        let opened = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = opened.map_err(|source| StorageError::Open { path: path.clone(), source })?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StorageError::InUse { path: data.to_owned() }),
            Err(TryLockError::Error(source)) => Err(StorageError::Open { path, source }),
        }
    }
}
