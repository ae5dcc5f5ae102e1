//! The errors of the store.

use std::error::Error as _;
use std::io;
use std::path::PathBuf;

use iampass_server_domain::credentials::NotDrawn;
use iampass_server_domain::random::NoRandomness;

use crate::master_key::InvalidMasterKey;

/// Why something could not be stored or read. None of it is told to callers; it goes to the log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// SQLite refuses.
    #[error("the data file cannot be used: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL refuses.
    #[error("the database refuses: {}", of_postgres(_0))]
    Postgres(#[from] tokio_postgres::Error),
    /// PostgreSQL cannot be reached.
    #[error("the database cannot be reached: {0}")]
    Unreachable(String),
    /// PostgreSQL takes no changes.
    #[error(
        "the database takes no changes: it is a standby, or its transactions are read-only. Name the primary, or all hosts (postgres://user@one,two/database)"
    )]
    ReadOnly,
    /// PostgreSQL has room for no more connections.
    #[error("the database has room for no more connections")]
    Full,
    /// The database has an encoding other than UTF8.
    #[error(
        "the database has the encoding {encoding}: make one with the encoding UTF8 (CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0)"
    )]
    Encoding {
        /// The encoding that it has.
        encoding: String,
    },
    /// A pooler in transaction mode stands in between.
    #[error(
        "a pooler in transaction mode stands before the database: statements and settings of one connection would meet another one's. Set it to session mode (pgbouncer: pool_mode = session), or name the database itself"
    )]
    TransactionPooler,
    /// The data file is another one by now.
    #[error("the data file {} was deleted or replaced by another one: what is stored now is lost when the service ends. Put the file back, or copy the data by `iampass-server backup`, and start the service again", path.display())]
    Replaced {
        /// The file.
        path: PathBuf,
    },
    /// The authorities of the certificate cannot be used.
    #[error("the authorities for the database's certificate cannot be used: {0}")]
    Authorities(String),
    /// A program of PostgreSQL failed.
    #[error("{program} failed: {said}")]
    Program {
        /// The program.
        program: &'static str,
        /// Its output.
        said: String,
    },
    /// The data file cannot be opened.
    #[error("the data file {} cannot be opened: {source}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// Another process uses the data file.
    #[error("the data file {} is in use by another process: stop that one first, or name another file", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// Others may read a file, and that cannot be changed.
    #[error(
        "others may read {}, which holds secrets, and that cannot be changed: {source}. Make it its owner's alone (chmod 600)",
        path.display()
    )]
    NotPrivate {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A newer version wrote the data.
    #[error(
        "the data was written by a newer version (schema {found}, this version knows {known}): upgrade the service"
    )]
    NewerSchema {
        /// The version of the data.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// An older version wrote the data, and it is not brought up to date by itself.
    #[error(
        "the data was written by an older version (schema {found}, this version wants {known}): run `iampass-server migrate`"
    )]
    OlderSchema {
        /// The version of the data.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// There is no usable master key.
    #[error(transparent)]
    MasterKey(#[from] InvalidMasterKey),
    /// No master key is named.
    #[error(
        "no master key is named: make one with `iampass-server master-key new`, and name its file with --master-key-file"
    )]
    NoMasterKey,
    /// The file of the master key is gone.
    #[error("the master key is not there: put its file back at {}, or name it with --master-key-file", path.display())]
    MasterKeyMissing {
        /// The file.
        path: PathBuf,
    },
    /// The data was sealed with another master key.
    #[error("the data was sealed with another master key: name that one, or add it as a previous one")]
    WrongMasterKey,
    /// The nonce was used before.
    #[error("the nonce was stored before")]
    Replayed,
    /// The row of the signer is not as it was foreseen. Nothing was changed: the call is judged anew, by what is stored.
    #[error("the row of the signer is not as it was read before")]
    NotAsForeseen,
    /// Too many changes wait.
    #[error("more changes are waiting than can be written")]
    Busy,
    /// The service is stopping.
    #[error("the service is stopping")]
    Stopped,
    /// The commit failed, and the change was undone.
    #[error("the change was not committed: {0}")]
    NotCommitted(String),
    /// The answer to the commit was lost.
    #[error("whether the change was committed is not known: {0}")]
    MaybeCommitted(String),
    /// The change panicked, and was undone.
    #[error("the change failed in a way that it should not be able to")]
    Panicked,
    /// An operation waits for something else than the store.
    #[error("an operation waits for something else than the store")]
    Waits,
    /// The actor has lost the right.
    #[error("the account may not do that any more")]
    Forbidden,
    /// The key of the Admin API is good no longer.
    #[error("the key of the Admin API has expired, was revoked, or has ended with the right of its maker")]
    KeyEnded,
    /// A phone of the actor was let in less than a day ago, by a recovery code or beside a phone that proves unlocking.
    #[error(
        "a phone of the account was let in less than a day ago, by a recovery code or beside a phone that proves unlocking: it makes no such change yet"
    )]
    PhoneTooNew,
    /// A text holds the character zero.
    #[error("a text holds the character zero, which no text here can hold")]
    ZeroCharacter,
    /// A stored value cannot be read.
    #[error("a stored {what} cannot be read")]
    Corrupt {
        /// The kind of value.
        what: &'static str,
    },
    /// No id or secret could be drawn.
    #[error(transparent)]
    NotDrawn(#[from] NotDrawn),
}

impl From<NoRandomness> for StorageError {
    fn from(error: NoRandomness) -> Self {
        Self::NotDrawn(error.into())
    }
}

/// PostgreSQL's codes of a serialization failure and of a deadlock.
const CONFLICTS: [&str; 2] = ["40001", "40P01"];

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

/// The answer to a commit may be lost on the way. One that the database itself refuses is undone, but a server that is told to stop while
/// it waits for a standby says so after it has committed.
pub(super) fn not_committed(error: tokio_postgres::Error) -> StorageError {
    // Constraints that are checked late, conflicts with other transactions, no room.
    let undone = ["23", "40", "53"];
    let code = error.code().map(|code| code.code().to_owned()).unwrap_or_default();
    if CONFLICTS.contains(&code.as_str()) {
        StorageError::Postgres(error)
    } else if undone.iter().any(|class| code.starts_with(class)) && code != "40003" {
        StorageError::NotCommitted(causes(&error))
    } else {
        StorageError::MaybeCommitted(causes(&error))
    }
}

/// The meaning of the failure of a statement that was sent together with a commit: where the server itself refuses it, it does not come to the commit.
pub(super) fn before_commit(error: tokio_postgres::Error) -> StorageError {
    match error.code() {
        Some(_) => error.into(),
        None => not_committed(error),
    }
}

impl StorageError {
    /// The same error for one more caller.
    pub(super) fn for_one_more(&self) -> Self {
        match self {
            Self::Busy => Self::Busy,
            Self::Stopped => Self::Stopped,
            Self::Full => Self::Full,
            Self::ReadOnly => Self::ReadOnly,
            Self::MaybeCommitted(why) => Self::MaybeCommitted(why.clone()),
            Self::Unreachable(why) => Self::Unreachable(why.clone()),
            error => Self::Unreachable(error.to_string()),
        }
    }

    /// Whether the database has undone the whole transaction because of another one, so that it may be done again.
    pub(super) fn is_conflict(&self) -> bool {
        matches!(self, Self::Postgres(error) if error.code().is_some_and(|code| CONFLICTS.contains(&code.code())))
    }

    /// Whether the database has undone a statement that waited for a lock, or took longer, than it was allowed to.
    pub(super) fn has_waited_too_long(&self) -> bool {
        matches!(self, Self::Postgres(error) if error.code().is_some_and(|code| ["55P03", "57014"].contains(&code.code())))
    }

    /// Whether the store cannot do it just now, and has changed nothing.
    pub fn is_of_the_moment(&self) -> bool {
        match self {
            Self::Busy
            | Self::Stopped
            | Self::Unreachable(_)
            | Self::Full
            | Self::NotCommitted(_)
            | Self::Replaced { .. } => true,
            // The connection broke before the commit; or the server stops, has no room, or took too long.
            Self::Postgres(error) => match error.code().map(|code| code.code()) {
                Some(code) => {
                    self.is_conflict()
                        || self.is_read_only()
                        || ["08", "53", "55P03", "57"].iter().any(|class| code.starts_with(class))
                }
                None => error.is_closed() || error.source().is_some_and(|source| source.is::<io::Error>()),
            },
            Self::Sqlite(error) => {
                use rusqlite::ErrorCode as Code;
                let busy = [Code::DatabaseBusy, Code::DatabaseLocked];
                self.is_read_only() || error.sqlite_error_code().is_some_and(|code| busy.contains(&code))
            }
            _ => self.is_read_only(),
        }
    }

    /// Whether it says that the store takes no changes, however well it can be read.
    pub fn is_read_only(&self) -> bool {
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
