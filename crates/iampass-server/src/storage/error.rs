//! What can go wrong with the store.

use std::io;
use std::path::PathBuf;

use crate::master_key::InvalidMasterKey;
use crate::random::NoRandomness;

/// Why something could not be stored or read. None of it is told to callers; it goes to the log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum StorageError {
    #[error("the data file cannot be used: {0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("the database refuses: {}", of_postgres(_0))]
    Postgres(#[from] tokio_postgres::Error),
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    #[error("the authorities for the database's certificate cannot be used: {0}")]
    Authorities(String),
    #[error("{program} failed: {said}")]
    Program { program: &'static str, said: String },
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
        "the data was written by a newer version (schema {found}, this version knows {known}): upgrade the service"
    )]
    NewerSchema { found: i64, known: i64 },
    #[error(
        "the data was written by an older version (schema {found}, this version wants {known}): run `iampass-server migrate`"
    )]
    OlderSchema { found: i64, known: i64 },
    #[error(transparent)]
    MasterKey(#[from] InvalidMasterKey),
    #[error(
        "no master key is named: make one with `iampass-server master-key new`, and name its file with --master-key-file"
    )]
    NoMasterKey,
    #[error("the master key is not there: put its file back at {}, or name it with --master-key-file", path.display())]
    MasterKeyMissing { path: PathBuf },
    #[error("the data was sealed with another master key: name that one, or add it as a previous one")]
    WrongMasterKey,
    #[error("the nonce was stored before")]
    Replayed,
    #[error("more changes are waiting than can be written")]
    Busy,
    #[error("the service is stopping")]
    Stopped,
    #[error("the change was not committed: {0}")]
    NotCommitted(String),
    #[error("whether the change was committed is not known: {0}")]
    MaybeCommitted(String),
    #[error("the change failed in a way that it should not be able to")]
    Panicked,
    #[error("an operation waits for something else than the store")]
    Waits,
    #[error("a stored {what} cannot be read")]
    Corrupt { what: &'static str },
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// What the server says itself is more to the point than what its client says about it; neither holds values.
fn of_postgres(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(told) => format!("{} ({})", told.message(), told.code().code()),
        None => error.to_string(),
    }
}
