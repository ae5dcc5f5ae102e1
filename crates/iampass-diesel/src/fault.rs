//! diesel's errors as [`Fault`]s. Belongs here: what an error itself tells. Does not belong here: asking the server more
//! ([`crate::driver`]).

use diesel::ConnectionError;
use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};
use iampass_sql::{DatabaseError, Fault};

/// The cause of an error, as far as it can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// The cause is known.
    Clear(Fault),
    /// Nothing: it may be anything, even that the connection broke.
    Unclear,
}

/// Tells one kind of server's errors apart by what diesel keeps of those that it has no [`DatabaseErrorKind`] for.
pub(crate) type Reader = fn(&(dyn DatabaseErrorInformation + Send + Sync)) -> Sign;

/// The sign in an error of a statement.
pub(crate) fn of_statement(error: &Error, reader: Reader) -> Sign {
    let Error::DatabaseError(kind, information) = error else {
        return Sign::Clear(Fault::Other);
    };
    match kind {
        DatabaseErrorKind::UniqueViolation => Sign::Clear(Fault::UniqueViolation),
        DatabaseErrorKind::ForeignKeyViolation => Sign::Clear(Fault::ForeignKeyViolation),
        DatabaseErrorKind::SerializationFailure => Sign::Clear(Fault::Contended),
        DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection => {
            Sign::Clear(Fault::Unreachable)
        }
        // A standby, or a server that is set to read only: another connection may lead to one that does.
        DatabaseErrorKind::ReadOnlyTransaction => Sign::Clear(Fault::Unreachable),
        DatabaseErrorKind::Unknown => reader(&**information),
        _ => Sign::Clear(Fault::Other),
    }
}

/// The fault behind an error of connecting.
pub(crate) fn of_connecting(error: &ConnectionError, reader: Reader) -> Fault {
    match error {
        ConnectionError::InvalidConnectionUrl(_) => Fault::Other,
        // The set-up of a SQLite connection waits for locks as any statement does.
        ConnectionError::CouldntSetupConfiguration(error)
            if of_statement(error, reader) == Sign::Clear(Fault::LockTimeout) =>
        {
            Fault::LockTimeout
        }
        // A pooler in transaction mode: the set-up of a PostgreSQL connection is prepared on one server and asked of another.
        ConnectionError::CouldntSetupConfiguration(error)
            if of_statement(error, reader) == Sign::Clear(Fault::StatementLost) =>
        {
            Fault::StatementLost
        }
        _ => Fault::Unreachable,
    }
}

/// The error for the stores.
///
/// A server's text about a key that is taken holds the key, which may be a person's name. The text is left out; the fault says enough.
pub(crate) fn with_source(fault: Fault, error: Error) -> DatabaseError {
    match fault {
        Fault::UniqueViolation => DatabaseError::new(fault, "a unique key is taken"),
        _ => DatabaseError::new(fault, error),
    }
}

/// The words of PostgreSQL for one that is missing. (A prepared statement that "does not exist" is none of them.)
#[cfg(feature = "postgres")]
const MISSING: [&str; 4] = ["relation ", "column ", "schema ", "table "];

/// PostgreSQL: the SQLSTATE is not kept. The fields that are kept are read before the message, which may be in any language.
#[cfg(feature = "postgres")]
pub(crate) fn postgres(information: &(dyn DatabaseErrorInformation + Send + Sync)) -> Sign {
    let message = information.message();
    let says = |words: &str| message.contains(words);
    let fault = if says("deadlock detected") {
        Fault::Contended
    } else if says("canceling statement due to") || says("could not obtain lock") {
        Fault::LockTimeout
    } else if message.starts_with("prepared statement") {
        Fault::StatementLost
    } else if [
        "terminating connection",
        "the database system is",
        "too many",
        "read-only",
        "No space left",
        "out of memory",
    ]
    .into_iter()
    .any(says)
    {
        Fault::Unreachable
    } else if information.statement_position().is_some()
        || (says("does not exist") && MISSING.iter().any(|what| message.starts_with(what)))
    {
        // It points into the statement. The statements are right, so the tables are not those that they are written for. (In another
        // language it may be a lock timeout too, if a whole table was locked.)
        Fault::NotMigrated
    } else if information.details().is_some() && information.hint().is_some() {
        // A deadlock in another language: who waits for whom, and where to read more.
        Fault::Contended
    } else {
        return Sign::Unclear;
    };
    Sign::Clear(fault)
}

/// MySQL and MariaDB: the number is not kept, nor anything but words. The server is asked where the words do not tell, because they are in
/// another language or come from the connection.
#[cfg(feature = "mysql")]
pub(crate) fn mysql(information: &(dyn DatabaseErrorInformation + Send + Sync)) -> Sign {
    let message = information.message();
    let says = |words: &str| message.starts_with(words);
    // The last one is all that it says when another Galera node's change of a table came first.
    Sign::Clear(
        if message == "Query execution was interrupted"
            || says("Deadlock found")
            || says("Record has changed since last read")
        {
            Fault::Contended
        } else if says("Lock wait timeout exceeded") || says("Query execution was interrupted") {
            Fault::LockTimeout
        } else if says("WSREP has not yet prepared node")
            || message.contains("during COMMIT")
            || message.contains("read-only")
        {
            // A Galera node that does not serve; a commit as it lost the others; a server that does not write.
            Fault::Unreachable
        } else if (says("Table '") && message.ends_with("' doesn't exist")) || says("Unknown column") {
            Fault::NotMigrated
        } else {
            return Sign::Unclear;
        },
    )
}

/// SQLite: the code is not kept, but its words are always English, and the same since the 2000s.
#[cfg(feature = "sqlite")]
pub(crate) fn sqlite(information: &(dyn DatabaseErrorInformation + Send + Sync)) -> Sign {
    let message = information.message();
    let says = |words: &str| message.contains(words);
    Sign::Clear(if says("database is locked") || says("table is locked") {
        Fault::LockTimeout
    } else if says("no such table") || says("no such column") || says("has no column named") {
        Fault::NotMigrated
    } else if ["unable to open database file", "disk I/O error", "disk is full", "readonly database"]
        .into_iter()
        .any(says)
    {
        Fault::Unreachable
    } else {
        Fault::Other
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The answer of a server.
    #[derive(Default)]
    struct Said {
        message: &'static str,
        details: Option<&'static str>,
        position: Option<i32>,
    }

    impl DatabaseErrorInformation for Said {
        fn message(&self) -> &str {
            self.message
        }
        fn details(&self) -> Option<&str> {
            self.details
        }
        fn hint(&self) -> Option<&str> {
            self.details
        }
        fn table_name(&self) -> Option<&str> {
            None
        }
        fn column_name(&self) -> Option<&str> {
            None
        }
        fn constraint_name(&self) -> Option<&str> {
            None
        }
        fn statement_position(&self) -> Option<i32> {
            self.position
        }
    }

    fn error(kind: DatabaseErrorKind, said: Said) -> Error {
        Error::DatabaseError(kind, Box::new(said))
    }

    fn words(message: &'static str) -> Said {
        Said { message, ..Said::default() }
    }

    #[test]
    fn kinds_that_diesel_knows_need_no_words() {
        let never: Reader = |_| panic!("there was no need to read it");
        for (kind, fault) in [
            (DatabaseErrorKind::UniqueViolation, Fault::UniqueViolation),
            (DatabaseErrorKind::ForeignKeyViolation, Fault::ForeignKeyViolation),
            (DatabaseErrorKind::SerializationFailure, Fault::Contended),
            (DatabaseErrorKind::ClosedConnection, Fault::Unreachable),
            (DatabaseErrorKind::UnableToSendCommand, Fault::Unreachable),
            (DatabaseErrorKind::ReadOnlyTransaction, Fault::Unreachable),
            (DatabaseErrorKind::NotNullViolation, Fault::Other),
        ] {
            assert_eq!(of_statement(&error(kind, words("")), never), Sign::Clear(fault));
        }
        assert_eq!(of_statement(&Error::NotFound, never), Sign::Clear(Fault::Other));
    }

    #[cfg(feature = "postgres")]
    #[test]
    fn postgresql_is_told_apart_by_more_than_words() {
        for (message, sign) in [
            ("deadlock detected", Sign::Clear(Fault::Contended)),
            ("canceling statement due to lock timeout", Sign::Clear(Fault::LockTimeout)),
            ("could not obtain lock on row in relation \"users\"", Sign::Clear(Fault::LockTimeout)),
            ("canceling statement due to statement timeout", Sign::Clear(Fault::LockTimeout)),
            ("canceling statement due to user request", Sign::Clear(Fault::LockTimeout)),
            ("prepared statement \"s4\" does not exist", Sign::Clear(Fault::StatementLost)),
            ("prepared statement \"s4\" already exists", Sign::Clear(Fault::StatementLost)),
            ("could not extend file \"base/5/1\": No space left on device", Sign::Clear(Fault::Unreachable)),
            ("terminating connection due to administrator command", Sign::Clear(Fault::Unreachable)),
            ("the database system is shutting down", Sign::Clear(Fault::Unreachable)),
            ("relation \"iampass_tokens\" does not exist", Sign::Clear(Fault::NotMigrated)),
            ("Abbruch der Verbindung", Sign::Unclear),
        ] {
            assert_eq!(postgres(&words(message)), sign, "{message}");
        }
        let missing = Said { message: "Relation existiert nicht", position: Some(15), ..Said::default() };
        assert_eq!(postgres(&missing), Sign::Clear(Fault::NotMigrated));
        let deadlock = Said { message: "Verklemmung", details: Some("Prozess 1"), ..Said::default() };
        assert_eq!(postgres(&deadlock), Sign::Clear(Fault::Contended));
    }

    #[cfg(feature = "mysql")]
    #[test]
    fn mysql_is_told_apart_by_its_words_or_is_asked() {
        for (message, sign) in [
            (
                "Deadlock found when trying to get lock; try restarting transaction",
                Sign::Clear(Fault::Contended),
            ),
            ("Lock wait timeout exceeded; try restarting transaction", Sign::Clear(Fault::LockTimeout)),
            ("WSREP has not yet prepared node for application use", Sign::Clear(Fault::Unreachable)),
            ("Got error 6 \"No such device or address\" during COMMIT", Sign::Clear(Fault::Unreachable)),
            (
                "The MariaDB server is running with the --read-only option so it cannot execute this statement",
                Sign::Clear(Fault::Unreachable),
            ),
            (
                "Query execution was interrupted (max_statement_time exceeded)",
                Sign::Clear(Fault::LockTimeout),
            ),
            ("Query execution was interrupted", Sign::Clear(Fault::Contended)),
            ("Table 'app.iampass_tokens' doesn't exist", Sign::Clear(Fault::NotMigrated)),
            ("Unknown column 'claims' in 'field list'", Sign::Clear(Fault::NotMigrated)),
            ("Beim Warten auf eine Sperre wurde die zulässige Wartezeit überschritten", Sign::Unclear),
            ("Input/output error: connection closed", Sign::Unclear),
        ] {
            assert_eq!(mysql(&words(message)), sign, "{message}");
        }
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn sqlite_is_told_apart_by_its_words() {
        for (message, fault) in [
            ("database is locked", Fault::LockTimeout),
            ("database table is locked: iampass_tokens", Fault::LockTimeout),
            ("no such table: iampass_tokens", Fault::NotMigrated),
            ("unable to open database file", Fault::Unreachable),
            ("database or disk is full", Fault::Unreachable),
            ("attempt to write a readonly database", Fault::Unreachable),
        ] {
            assert_eq!(sqlite(&words(message)), Sign::Clear(fault), "{message}");
        }
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn a_connection_that_cannot_be_made_is_a_server_that_cannot_be_reached() {
        let refused = ConnectionError::BadConnection("refused".to_owned());
        assert_eq!(of_connecting(&refused, sqlite), Fault::Unreachable);
        let set_up = |message| {
            let error = error(DatabaseErrorKind::Unknown, words(message));
            of_connecting(&ConnectionError::CouldntSetupConfiguration(error), sqlite)
        };
        assert_eq!(set_up("database is locked"), Fault::LockTimeout);
        assert_eq!(set_up("file is not a database"), Fault::Unreachable);
        assert_eq!(
            of_connecting(&ConnectionError::InvalidConnectionUrl("x".to_owned()), sqlite),
            Fault::Other
        );
    }

    /// So `migrate` can say that it is a pooler, and does not take the server to be away.
    #[cfg(feature = "postgres")]
    #[test]
    fn a_connection_whose_set_up_loses_its_statement_leads_through_a_pooler() {
        let set_up = |message| {
            let error = error(DatabaseErrorKind::Unknown, words(message));
            of_connecting(&ConnectionError::CouldntSetupConfiguration(error), postgres)
        };
        assert_eq!(set_up("prepared statement \"s0\" does not exist"), Fault::StatementLost);
        assert_eq!(set_up("terminating connection due to administrator command"), Fault::Unreachable);
    }

    #[test]
    fn a_key_that_is_taken_is_not_named() {
        let taken =
            error(DatabaseErrorKind::UniqueViolation, words("Duplicate entry 'anna' for key 'user_id'"));
        let shown = format!("{:?}", with_source(Fault::UniqueViolation, taken));
        assert!(!shown.contains("anna"), "{shown}");
    }
}
