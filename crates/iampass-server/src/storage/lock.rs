//! One service a data file.
//!
//! SQLite lets several processes write to one file, but nonces that were only read with are remembered in memory first: two
//! services on one file would each accept the same request. The lock is on a file beside the data, because SQLite takes locks of its
//! own on the data file.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::StorageError;

/// Held as long as the service lives; the system lets go of it when the process dies, however it dies.
#[derive(Debug)]
pub(crate) struct DataLock {
    _file: File,
}

impl DataLock {
    pub(crate) fn take(data: &Path) -> Result<Self, StorageError> {
        let path = lock_path(data);
        let opened = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = opened.map_err(|source| StorageError::Open { path: path.clone(), source })?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StorageError::InUse { path: data.to_owned() }),
            Err(TryLockError::Error(source)) => Err(StorageError::Open { path, source }),
        }
    }
}

/// Makes the data file, readable by its owner only: it holds secrets. SQLite gives its companions the same mode.
pub(crate) fn make_private(data: &Path) -> Result<(), StorageError> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let made: io::Result<File> = options.open(data);
    made.map(drop).map_err(|source| StorageError::Open { path: data.to_owned(), source })
}

fn lock_path(data: &Path) -> PathBuf {
    let mut path = data.as_os_str().to_owned();
    path.push(".lock");
    PathBuf::from(path)
}
