//! What can go wrong with the store.

use std::io;
use std::path::PathBuf;

use crate::random::NoRandomness;

/// Why something could not be stored or read. None of it is told to callers; it goes to the log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum StorageError {
    #[error("the data file cannot be used: {0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("the data file {} cannot be opened: {source}", path.display())]
    Open { path: PathBuf, source: io::Error },
    #[error("the data file {} is in use by another process: stop that one first, or name another file", path.display())]
    InUse { path: PathBuf },
    #[error(
        "others may read {}, which holds secrets, and that cannot be changed: {source}. Make it its owner's alone (chmod 600)",
        path.display()
    )]
    NotPrivate { path: PathBuf, source: io::Error },
    #[error(
        "the data file was written by a newer version (schema {found}, this version knows {known}): upgrade the service"
    )]
    NewerSchema { found: i64, known: i64 },
    #[error("the nonce was stored before")]
    Replayed,
    #[error("more changes are waiting than can be written")]
    Busy,
    #[error("the service is stopping")]
    Stopped,
    #[error("the change was not committed: {0}")]
    NotCommitted(String),
    #[error("the change failed in a way that it should not be able to")]
    Panicked,
    #[error("a stored {what} cannot be read")]
    Corrupt { what: &'static str },
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}
