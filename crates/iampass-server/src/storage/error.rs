//! The errors of the store.

use std::io;
use std::path::PathBuf;

use iampass_server_domain::credentials::NotDrawn;
use iampass_server_domain::random::NoRandomness;

use crate::master_key::InvalidMasterKey;

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
    #[error(
        "the database takes no changes: it is a standby, or its transactions are read-only. Name the primary, or all hosts (postgres://user@one,two/database)"
    )]
    ReadOnly,
    #[error("the database has room for no more connections")]
    Full,
    #[error(
        "the database has the encoding {encoding}: make one with the encoding UTF8 (CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0)"
    )]
    Encoding { encoding: String },
    #[error(
        "a pooler in transaction mode stands before the database: statements and settings of one connection would meet another one's. Set it to session mode (pgbouncer: pool_mode = session), or name the database itself"
    )]
    TransactionPooler,
    #[error("the data file {} was deleted or replaced by another one: what is stored now is lost when the service ends. Put the file back, or copy the data by `iampass-server backup`, and start the service again", path.display())]
    Replaced { path: PathBuf },
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
    #[error("the account may not do that any more")]
    Forbidden,
    #[error("a text holds the character zero, which no text here can hold")]
    ZeroCharacter,
    #[error("a stored {what} cannot be read")]
    Corrupt { what: &'static str },
    #[error(transparent)]
    NotDrawn(#[from] NotDrawn),
}

impl From<NoRandomness> for StorageError {
    fn from(error: NoRandomness) -> Self {
        Self::NotDrawn(error.into())
    }
}

/// PostgreSQL's codes of a serialization failure and of a deadlock.
pub(super) const CONFLICTS: [&str; 2] = ["40001", "40P01"];

/// The server's own message is more precise than its client's message about it; neither holds values.
fn of_postgres(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(told) => format!("{} ({})", told.message(), told.code().code()),
        None => causes(error),
    }
}

/// An error with all of its causes.
pub(super) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}

impl StorageError {
    /// Whether the database has undone the whole transaction because of another one, so that it may be done again.
    pub(super) fn is_conflict(&self) -> bool {
        matches!(self, Self::Postgres(error) if error.code().is_some_and(|code| CONFLICTS.contains(&code.code())))
    }

    /// Whether it says that the store takes no changes, however well it can be read.
    pub(crate) fn is_read_only(&self) -> bool {
        match self {
            Self::ReadOnly => true,
            Self::Postgres(error) => {
                // Read-only; no right to write; the disk is full.
                let codes = ["25006", "42501", "53100"];
                error.code().is_some_and(|code| codes.contains(&code.code()))
            }
            Self::Sqlite(error) => {
                use rusqlite::ErrorCode as Code;
                matches!(error.sqlite_error_code(), Some(Code::DiskFull | Code::ReadOnly))
            }
            _ => false,
        }
    }
}
