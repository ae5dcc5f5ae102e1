//! Faults of databases, told apart by the codes that each kind of server gives. Belongs here: kinds, codes, and what a
//! store makes of them. Does not belong here: a library's error types, which are the adapters' business.

use iampass_core::port::{BoxError, StoreError, StoreErrorKind};

/// The kind of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// The server cannot be reached, is shutting down, does not serve or does not write at present, or the connection broke. Whether the
    /// statement was done is not known. The connection is not to be used again, since another one may lead to a server that serves.
    Unreachable,
    /// The server gave no answer in time ([`TimeLimits`](crate::TimeLimits)). Whether the statement was done is not known. It is not run again by
    /// itself, since that would take as long once more; and the connection is not to be used again.
    NoAnswer,
    /// The connection's server does not know a statement that was prepared on the connection. A pooler stands between that changes servers
    /// after each transaction. The statement was not done, and the connection is not to be used again.
    StatementLost,
    /// The pool has no connection free.
    PoolExhausted,
    /// A lock was not to be had in time, or the statement took longer than the server lets it.
    LockTimeout,
    /// The statement met another one and was rolled back: deadlock, serialization failure. Safe to run again at once.
    Contended,
    /// A unique key is taken.
    UniqueViolation,
    /// The row that a foreign key refers to is not there.
    ForeignKeyViolation,
    /// A table or column is missing.
    NotMigrated,
    /// The database is set up in a way in which the stores would not be right. The source says what to change.
    Unsuitable,
    /// Anything else.
    Other,
}

impl Fault {
    /// By the SQLSTATE of PostgreSQL, five characters.
    #[must_use]
    pub fn from_sqlstate(code: &str) -> Self {
        match code {
            "40001" | "40P01" => Self::Contended,
            "23505" => Self::UniqueViolation,
            "23503" => Self::ForeignKeyViolation,
            "42P01" | "42703" | "3F000" => Self::NotMigrated,
            "55P03" | "57014" => Self::LockTimeout,
            "26000" | "42P05" => Self::StatementLost,
            // Read-only: a standby, or a primary that is set to read only. Timeouts that end the connection; whether a statement was
            // completed is not known; input and output.
            "25006" | "25P03" | "25P04" | "40003" | "58030" => Self::Unreachable,
            // The server starts, stops or closes our connection by order.
            _ if code.starts_with("57P") => Self::Unreachable,
            // The connection; no log-in; no memory, disk or connections left.
            _ if ["08", "28", "53"].iter().any(|class| code.starts_with(class)) => Self::Unreachable,
            _ => Self::Other,
        }
    }

    /// By the error number of MySQL and MariaDB.
    #[must_use]
    pub fn from_mysql_number(number: u16) -> Self {
        match number {
            // ER_LOCK_DEADLOCK, ER_CHECKREAD ("record has changed since last read", MariaDB's snapshot isolation).
            // ER_QUERY_INTERRUPTED: another Galera node's change of a table came first.
            1213 | 1020 | 1317 => Self::Contended,
            // Locks; a statement that was interrupted (`max_execution_time`, `max_statement_time`).
            1205 | 3572 | 1907 | 1969 | 3024 => Self::LockTimeout,
            // ER_UNKNOWN_STMT_HANDLER.
            1243 => Self::StatementLost,
            1062 => Self::UniqueViolation,
            1216 | 1452 => Self::ForeignKeyViolation,
            1146 | 1054 | 1049 => Self::NotMigrated,
            // Too many connections, of all or of this account; not let in; server shutdown; killed; and the client's own "gone away" and
            // "lost connection".
            1040 | 1203 | 1226 | 1044 | 1045 | 1129 | 1130 | 1698 | 1053 | 1927 | 2002 | 2003 | 2006
            | 2013 => Self::Unreachable,
            // A Galera node that does not serve ("unknown command"), and a commit that failed as it lost the others.
            1047 | 1180 => Self::Unreachable,
            // Read-only: the server by an option, the transaction, the storage engine.
            1290 | 1792 | 1836 => Self::Unreachable,
            // No memory or disk left; the network.
            1021 | 1037 | 1041 | 1114 | 1158..=1161 => Self::Unreachable,
            _ => Self::Other,
        }
    }

    /// By SQLite's result code, extended or not, and its message, since a missing table has no code of its own.
    #[must_use]
    pub fn from_sqlite_code(code: i32, message: &str) -> Self {
        match code {
            1555 | 2067 => Self::UniqueViolation,
            787 => Self::ForeignKeyViolation,
            // SQLITE_BUSY_SNAPSHOT: what was read is out of date, and waiting would not help.
            517 => Self::Contended,
            _ => match code & 0xff {
                5 | 6 => Self::LockTimeout,
                // Read-only, I/O error, disk full, cannot open.
                8 | 10 | 13 | 14 => Self::Unreachable,
                1 if message.contains("no such table") || message.contains("no such column") => {
                    Self::NotMigrated
                }
                _ => Self::Other,
            },
        }
    }

    const fn kind(self) -> StoreErrorKind {
        match self {
            Self::Unreachable | Self::StatementLost => StoreErrorKind::Unavailable,
            Self::NoAnswer => StoreErrorKind::NoAnswer,
            Self::PoolExhausted => StoreErrorKind::PoolExhausted,
            Self::LockTimeout | Self::Contended => StoreErrorKind::Busy,
            Self::UniqueViolation => StoreErrorKind::Conflict,
            Self::ForeignKeyViolation => StoreErrorKind::UnknownUser,
            Self::NotMigrated => StoreErrorKind::NotMigrated,
            Self::Unsuitable => StoreErrorKind::Unsuitable,
            Self::Other => StoreErrorKind::Other,
        }
    }
}

/// Says of a statement that the server gave no answer to it.
pub const NO_ANSWER: &str =
    "the database gave no answer in time, so it is not known whether the statement was done";

/// A statement could not be run.
#[derive(Debug)]
pub struct DatabaseError {
    fault: Fault,
    source: BoxError,
}

impl DatabaseError {
    /// An error of this kind, with the library's own behind it.
    #[must_use]
    pub fn new(fault: Fault, source: impl Into<BoxError>) -> Self {
        Self { fault, source: source.into() }
    }

    /// The error of a statement that the server gave no answer to.
    #[must_use]
    pub fn no_answer() -> Self {
        Self::new(Fault::NoAnswer, NO_ANSWER)
    }

    /// A migration's error. A unique key that was taken is then another node's migration, and no token: it is worth another try.
    #[must_use]
    pub fn of_migration(self) -> Self {
        match self.fault {
            Fault::UniqueViolation => Self { fault: Fault::Contended, ..self },
            _ => self,
        }
    }

    /// The kind of the fault.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        self.fault
    }
}

impl std::fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the database: {:?}", self.fault)
    }
}

impl std::error::Error for DatabaseError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.source)
    }
}

impl From<DatabaseError> for StoreError {
    fn from(error: DatabaseError) -> Self {
        Self::new(error.fault.kind()).with_source(error.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_migration_that_met_another_one_is_no_token_that_is_taken() {
        let error = DatabaseError::new(Fault::UniqueViolation, "a unique key is taken").of_migration();
        assert!(StoreError::from(error).is_retryable());
        assert_eq!(DatabaseError::new(Fault::Other, "?").of_migration().fault(), Fault::Other);
    }

    #[test]
    fn the_codes_of_each_server_are_told_apart() {
        for (code, fault) in [
            ("40001", Fault::Contended),
            ("40P01", Fault::Contended),
            ("23505", Fault::UniqueViolation),
            ("23503", Fault::ForeignKeyViolation),
            ("42P01", Fault::NotMigrated),
            ("55P03", Fault::LockTimeout),
            ("57P01", Fault::Unreachable),
            ("08006", Fault::Unreachable),
            ("25006", Fault::Unreachable),
            ("28000", Fault::Unreachable),
            ("28P01", Fault::Unreachable),
            ("53100", Fault::Unreachable),
            ("57P05", Fault::Unreachable),
            ("57014", Fault::LockTimeout),
            ("26000", Fault::StatementLost),
            ("42P05", Fault::StatementLost),
            ("22P02", Fault::Other),
        ] {
            assert_eq!(Fault::from_sqlstate(code), fault, "{code}");
        }
        for (number, fault) in [
            (1213, Fault::Contended),
            (1205, Fault::LockTimeout),
            (1062, Fault::UniqueViolation),
            (1452, Fault::ForeignKeyViolation),
            (1146, Fault::NotMigrated),
            (1053, Fault::Unreachable),
            (1047, Fault::Unreachable),
            (1180, Fault::Unreachable),
            (1290, Fault::Unreachable),
            (1792, Fault::Unreachable),
            (1836, Fault::Unreachable),
            (1045, Fault::Unreachable),
            (1021, Fault::Unreachable),
            (1969, Fault::LockTimeout),
            (3024, Fault::LockTimeout),
            (1317, Fault::Contended),
            (1243, Fault::StatementLost),
            (1064, Fault::Other),
        ] {
            assert_eq!(Fault::from_mysql_number(number), fault, "{number}");
        }
        for (code, message, fault) in [
            (517, "database is locked", Fault::Contended),
            (5, "database is locked", Fault::LockTimeout),
            (261, "database is locked", Fault::LockTimeout),
            (2067, "UNIQUE constraint failed", Fault::UniqueViolation),
            (1555, "UNIQUE constraint failed", Fault::UniqueViolation),
            (787, "FOREIGN KEY constraint failed", Fault::ForeignKeyViolation),
            (1, "no such table: iampass_tokens", Fault::NotMigrated),
            (8, "attempt to write a readonly database", Fault::Unreachable),
            (13, "database or disk is full", Fault::Unreachable),
            (1, "near \"SELEC\": syntax error", Fault::Other),
        ] {
            assert_eq!(Fault::from_sqlite_code(code, message), fault, "{code} {message}");
        }
    }
}
