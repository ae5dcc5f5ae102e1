//! The errors of a store.

use std::fmt;

use super::BoxError;

/// The kind of a store's error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// The store cannot be reached now.
    Unavailable,
    /// The store gave no answer in time. A change may have been made all the same: look before making it again.
    NoAnswer,
    /// All connections of the application's pool are in use.
    PoolExhausted,
    /// Another transaction holds the row to be changed, for too long.
    Busy,
    /// The entry to be stored is there already: a session's token, or a user's token that is another user's.
    Conflict,
    /// There is no room: an in-memory store is at its bound.
    Full,
    /// The stored entry cannot be read: another key, another version, damage.
    Unreadable,
    /// The user key is not one that this store's table can hold.
    InvalidKey,
    /// The application's users table has no such user.
    UnknownUser,
    /// The store's tables are missing, or are those of another version.
    NotMigrated,
    /// The database is set up in a way in which the store would not be right; the source says what to change.
    Unsuitable,
    /// Anything else; see the source.
    Other,
}

/// A store could not do what it was asked. It grants no access (law 1).
#[derive(Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    source: Option<BoxError>,
}

impl StoreError {
    /// An error of this kind.
    #[must_use]
    pub fn new(kind: StoreErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// Keeps the library's own error behind it.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The kind of the error.
    #[must_use]
    pub const fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// Whether the same call may succeed a moment later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(
            self.kind,
            StoreErrorKind::Unavailable
                | StoreErrorKind::NoAnswer
                | StoreErrorKind::PoolExhausted
                | StoreErrorKind::Busy
        )
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            StoreErrorKind::Unavailable => "the store cannot be reached: try again",
            StoreErrorKind::NoAnswer => {
                "the store gave no answer in time, and a change may have been made all the same: look before making it again"
            }
            StoreErrorKind::PoolExhausted => {
                "all connections to the store are in use: try again, or give the pool more of them"
            }
            StoreErrorKind::Busy => "the store is held by somebody else for too long: try again",
            StoreErrorKind::Conflict => "the token is in the store already: take a new one",
            StoreErrorKind::Full => "the store is full: use one over a database, or give it a higher bound",
            StoreErrorKind::Unreadable => {
                "the stored entry cannot be read: was it written with another key or version?"
            }
            StoreErrorKind::InvalidKey => "the user's key is not of the kind that the store's table holds",
            StoreErrorKind::UnknownUser => {
                "the application's users table has no such user: store the user first"
            }
            StoreErrorKind::NotMigrated => {
                "the store's tables are missing or out of date: run its migrations"
            }
            StoreErrorKind::Unsuitable => {
                return match &self.source {
                    Some(source) => {
                        write!(f, "the store's database cannot be used as it is set up: {source}")
                    }
                    None => f.write_str("the store's database cannot be used as it is set up"),
                };
            }
            StoreErrorKind::Other => "the store failed",
        })
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
