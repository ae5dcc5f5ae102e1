//! Faults told apart: sea-orm's and sqlx's errors → [`Fault`]. Belongs here: that mapping. Does not belong here: what the
//! servers' codes mean, which is in `iampass-sql`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use iampass_sql::{DatabaseError, Fault, GALERA_REFUSED, NO_ANSWER, POOLER_REFUSED};
use sea_orm::{ConnAcquireErr, DatabaseConnection, DbErr, RuntimeErr};

/// Tells apart what the statements of one pool fail with. Clones share what they have seen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    /// Whether the server was out of reach when it was last heard of.
    out_of_reach: Arc<AtomicBool>,
}

impl Faults {
    /// A statement was run.
    pub(crate) fn clear(&self) {
        // Most calls only look, so that the nodes' threads need not pass the line to and fro.
        if self.out_of_reach.load(Ordering::Relaxed) {
            self.out_of_reach.store(false, Ordering::Relaxed);
        }
    }

    /// The error of a statement that had no answer. The pool's other connections lead to the same server.
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    pub(crate) fn no_answer(&self, connection: &DatabaseConnection) -> DatabaseError {
        self.out_of_reach.store(true, Ordering::Relaxed);
        forget_idle(connection);
        DatabaseError::no_answer()
    }

    /// The error of a statement that was to be run over this connection.
    pub(crate) fn error(&self, error: DbErr, connection: &DatabaseConnection) -> DatabaseError {
        let fault = match fault_of(&error) {
            // sqlx tries again and again to reach a server that is not there, until the time for getting a connection is over, and
            // then says the same as of a pool that is in use. So it is in use only if there is no room for one connection more, and
            // what takes the room are not attempts of the others.
            Fault::PoolExhausted if has_room(connection) || self.out_of_reach.load(Ordering::Relaxed) => {
                Fault::Unreachable
            }
            fault => fault,
        };
        match fault {
            Fault::Unreachable | Fault::NoAnswer => self.out_of_reach.store(true, Ordering::Relaxed),
            Fault::PoolExhausted => {}
            _ => self.clear(),
        }
        // One that did not say in time whether it is well is as silent as a server that does not serve.
        let was_silent = matches!(error, DbErr::ConnectionAcquire(ConnAcquireErr::Timeout));
        if matches!(fault, Fault::Unreachable | Fault::StatementLost)
            && (was_silent || was_told_by_server(&error))
        {
            forget_idle(connection);
        }
        if let (Fault::Unsuitable | Fault::NoAnswer, DbErr::Custom(words)) = (fault, &error) {
            return DatabaseError::new(fault, words.as_str());
        }
        match violated(&error) {
            Some(words) => DatabaseError::new(fault, words),
            None => DatabaseError::new(fault, error),
        }
    }
}

/// Words for a violated constraint. The servers' own repeat the row's values, among them tokens and names of people.
fn violated(error: &DbErr) -> Option<&'static str> {
    #[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
    if let DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) = error {
        return sqlx_faults::violated(error);
    }
    let _ = error;
    None
}

/// The error of surroundings that `migrate` refuses.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) fn unsuitable(words: &str) -> DbErr {
    DbErr::Custom(words.to_owned())
}

/// The error of a connection that could not be made.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) fn connection_error(error: sea_orm::sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(error.into()))
}

/// The error of a question to the server.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) fn statement_error(error: sea_orm::sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

/// The error of a migration whose server is silent.
pub(crate) fn no_answer() -> DbErr {
    DbErr::Custom(NO_ANSWER.to_owned())
}

/// Whether the server itself said it, over a connection that is well.
fn was_told_by_server(error: &DbErr) -> bool {
    #[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
    if let DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) = error {
        return error.as_database_error().is_some();
    }
    let _ = error;
    false
}

pub(crate) fn fault_of(error: &DbErr) -> Fault {
    match error {
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => Fault::PoolExhausted,
        DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed) => Fault::Unreachable,
        // Ours: the lock for migrations was not to be had.
        DbErr::Migration(_) => Fault::LockTimeout,
        DbErr::Custom(words) if [POOLER_REFUSED, GALERA_REFUSED].contains(&words.as_str()) => {
            Fault::Unsuitable
        }
        DbErr::Custom(words) if words == NO_ANSWER => Fault::NoAnswer,
        // There is no pool, or the driver is not compiled in.
        DbErr::Conn(RuntimeErr::Internal(_)) => Fault::Unreachable,
        #[allow(unreachable_patterns, reason = "the drivers are features of sea-orm")]
        DbErr::Conn(error) | DbErr::Exec(error) | DbErr::Query(error) => fault_of_driver(error),
        _ => Fault::Other,
    }
}

#[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
fn fault_of_driver(_error: &RuntimeErr) -> Fault {
    Fault::Other
}

#[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
fn forget_idle(_connection: &DatabaseConnection) {}

#[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
fn has_room(_connection: &DatabaseConnection) -> bool {
    false
}

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
use sqlx_faults::{fault_of_driver, forget_idle, has_room};

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
mod sqlx_faults {
    use iampass_sql::Fault;
    use sea_orm::sqlx::error::{DatabaseError, ErrorKind};
    use sea_orm::sqlx::{Database, Error, Pool};
    use sea_orm::{DatabaseConnection, DatabaseConnectionType, RuntimeErr};

    pub(super) fn fault_of_driver(error: &RuntimeErr) -> Fault {
        let RuntimeErr::SqlxError(error) = error else { return Fault::Other };
        match &**error {
            Error::Database(error) => fault_of_server(&**error),
            Error::PoolTimedOut => Fault::PoolExhausted,
            // A protocol error is a connection that broke in the middle of an answer.
            Error::Io(_) | Error::Tls(_) | Error::Protocol(_) | Error::PoolClosed | Error::WorkerCrashed => {
                Fault::Unreachable
            }
            _ => Fault::Other,
        }
    }

    pub(super) fn violated(error: &Error) -> Option<&'static str> {
        match error.as_database_error()?.kind() {
            ErrorKind::Other => None,
            ErrorKind::UniqueViolation => Some("a unique key is taken"),
            ErrorKind::ForeignKeyViolation => Some("the row that a foreign key refers to is not there"),
            _ => Some("a constraint of the table is violated"),
        }
    }

    /// By its own code.
    fn fault_of_server(error: &dyn DatabaseError) -> Fault {
        #[cfg(feature = "postgres")]
        if let Some(error) = error.try_downcast_ref::<sea_orm::SqlxPostgresError>() {
            return Fault::from_sqlstate(error.code());
        }
        #[cfg(feature = "mysql")]
        if let Some(error) = error.try_downcast_ref::<sea_orm::SqlxMySqlError>() {
            return Fault::from_mysql_number(error.number());
        }
        #[cfg(feature = "sqlite")]
        if error.try_downcast_ref::<sea_orm::SqlxSqliteError>().is_some() {
            let code = error.code().and_then(|code| code.parse().ok());
            return code.map_or(Fault::Other, |code| Fault::from_sqlite_code(code, error.message()));
        }
        Fault::Other
    }

    /// Closes the pool's connections that are free. They may lead to a server that does not serve, and new ones to another server. One that
    /// goes back to the pool after this is closed when it fails too.
    pub(super) fn forget_idle(connection: &DatabaseConnection) {
        fn forget<D: Database>(pool: &Pool<D>) {
            for _ in 0..pool.num_idle() {
                let Some(free) = pool.try_acquire() else { return };
                drop(free.detach());
            }
        }
        match &connection.inner {
            #[cfg(feature = "postgres")]
            DatabaseConnectionType::SqlxPostgresPoolConnection(_) => {
                forget(connection.get_postgres_connection_pool());
            }
            #[cfg(feature = "mysql")]
            DatabaseConnectionType::SqlxMySqlPoolConnection(_) => {
                forget(connection.get_mysql_connection_pool());
            }
            // There is no other server. A database in memory would be lost.
            _ => {}
        }
    }

    /// Whether the pool could open another connection.
    pub(super) fn has_room(connection: &DatabaseConnection) -> bool {
        fn room<D: Database>(pool: &Pool<D>) -> bool {
            pool.size() < pool.options().get_max_connections()
        }
        match &connection.inner {
            #[cfg(feature = "postgres")]
            DatabaseConnectionType::SqlxPostgresPoolConnection(_) => {
                room(connection.get_postgres_connection_pool())
            }
            #[cfg(feature = "mysql")]
            DatabaseConnectionType::SqlxMySqlPoolConnection(_) => {
                room(connection.get_mysql_connection_pool())
            }
            #[cfg(feature = "sqlite")]
            DatabaseConnectionType::SqlxSqlitePoolConnection(_) => {
                room(connection.get_sqlite_connection_pool())
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_pool_says_is_told_apart() {
        for (error, fault) in [
            (DbErr::ConnectionAcquire(ConnAcquireErr::Timeout), Fault::PoolExhausted),
            (DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed), Fault::Unreachable),
            (DbErr::Conn(RuntimeErr::Internal("Disconnected".into())), Fault::Unreachable),
            (DbErr::Query(RuntimeErr::Internal("?".into())), Fault::Other),
            (DbErr::Migration("another node".into()), Fault::LockTimeout),
            (DbErr::Type("no number".into()), Fault::Other),
        ] {
            assert_eq!(fault_of(&error), fault, "{error}");
        }
    }

    #[test]
    fn who_waits_while_others_try_to_reach_a_server_is_not_told_of_a_pool_in_use() {
        let (faults, connection) = (Faults::default(), DatabaseConnection::default());
        let fault = |error| faults.clone().error(error, &connection).fault();
        let timed_out = || DbErr::ConnectionAcquire(ConnAcquireErr::Timeout);
        let closed = || DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed);
        assert_eq!(fault(timed_out()), Fault::PoolExhausted);
        assert_eq!(fault(closed()), Fault::Unreachable);
        assert_eq!(fault(timed_out()), Fault::Unreachable);
        faults.clear();
        assert_eq!(fault(timed_out()), Fault::PoolExhausted);
        assert_eq!(fault(closed()), Fault::Unreachable);
        assert_eq!(fault(DbErr::Type("it answered".into())), Fault::Other);
        assert_eq!(fault(timed_out()), Fault::PoolExhausted);
    }

    #[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
    mod of_sqlx {
        use std::borrow::Cow;
        use std::error::Error as StdError;
        use std::io;

        use super::*;
        use sea_orm::sqlx::error::{DatabaseError, ErrorKind};
        use sea_orm::sqlx::{Error, error::BoxDynError};

        fn of(error: Error) -> Fault {
            fault_of(&DbErr::Query(RuntimeErr::SqlxError(error.into())))
        }

        #[test]
        fn what_sqlx_says_is_told_apart() {
            let refused: BoxDynError = "unknown issuer".into();
            for (error, fault) in [
                (Error::Io(io::ErrorKind::UnexpectedEof.into()), Fault::Unreachable),
                (Error::Tls(refused), Fault::Unreachable),
                (Error::Protocol("unexpected end".into()), Fault::Unreachable),
                (Error::PoolClosed, Fault::Unreachable),
                (Error::WorkerCrashed, Fault::Unreachable),
                (Error::PoolTimedOut, Fault::PoolExhausted),
                (Error::RowNotFound, Fault::Other),
                (Error::Configuration("no URL".into()), Fault::Other),
            ] {
                let said = error.to_string();
                assert_eq!(of(error), fault, "{said}");
            }
        }

        /// An error of a database that is none of ours, although its code looks like one.
        #[derive(Debug)]
        struct Foreign;

        impl std::fmt::Display for Foreign {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("foreign")
            }
        }

        impl StdError for Foreign {}

        impl DatabaseError for Foreign {
            fn message(&self) -> &str {
                "foreign"
            }
            fn code(&self) -> Option<Cow<'_, str>> {
                Some("40001".into())
            }
            fn as_error(&self) -> &(dyn StdError + Send + Sync + 'static) {
                self
            }
            fn as_error_mut(&mut self) -> &mut (dyn StdError + Send + Sync + 'static) {
                self
            }
            fn into_error(self: Box<Self>) -> Box<dyn StdError + Send + Sync + 'static> {
                self
            }
            fn kind(&self) -> ErrorKind {
                ErrorKind::Other
            }
        }

        #[test]
        fn a_code_is_read_only_where_it_is_known_whose_it_is() {
            assert_eq!(of(Error::Database(Box::new(Foreign))), Fault::Other);
        }
    }
}
