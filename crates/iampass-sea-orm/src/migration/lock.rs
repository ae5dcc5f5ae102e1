//! One node at a time. Belongs here: the lock under which migrations are run. Does not belong here: what is run.

#[cfg(feature = "postgres")]
use sea_orm::{ConnectionTrait as _, IsolationLevel};
use sea_orm::{
    DatabaseConnection, DatabaseConnectionType, DatabaseExecutor, DatabaseTransaction, DbErr, RuntimeErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait as _,
};

use super::own::Own;

/// A lock that is held. The migrations are run on the connection that holds it, so no statement of theirs outlives it. If it is dropped, it
/// is free as soon as the statement that was under way has ended.
pub(super) enum Lock {
    /// A transaction. Its lock is gone with it, so none stays on a connection that a pooler hands to another client.
    Transaction(DatabaseTransaction),
    /// MySQL ends a transaction with each table that is made, and its lock is the connection's.
    #[cfg(feature = "mysql")]
    MySql(DatabaseConnection),
}

/// Each database has its own; the number is of no other meaning.
#[cfg(feature = "postgres")]
const POSTGRES_LOCK: &str = "SELECT pg_advisory_xact_lock(7599113487327261041)";
#[cfg(feature = "postgres")]
const POSTGRES_PATIENCE: &str = "SET LOCAL lock_timeout = '60s'";
/// The migrations wait for as long as the application's statements do.
#[cfg(feature = "postgres")]
const POSTGRES_PATIENCE_OVER: &str = "SET LOCAL lock_timeout TO DEFAULT";

impl Lock {
    /// Waits for it.
    pub(super) async fn take(own: &Own) -> Result<Self, DbErr> {
        let database = own.connection();
        match &database.inner {
            #[cfg(feature = "postgres")]
            DatabaseConnectionType::SqlxPostgresPoolConnection(_) => {
                // Under the lock must be seen what the one before has committed, whatever the default isolation is.
                let read_committed = Some(IsolationLevel::ReadCommitted);
                let transaction = database.begin_with_config(read_committed, None).await?;
                for statement in [POSTGRES_PATIENCE, POSTGRES_LOCK, POSTGRES_PATIENCE_OVER] {
                    transaction.execute_unprepared(statement).await?;
                }
                Ok(Self::Transaction(transaction))
            }
            #[cfg(feature = "mysql")]
            DatabaseConnectionType::SqlxMySqlPoolConnection(_) => {
                mysql::take(database.get_mysql_connection_pool()).await?;
                Ok(Self::MySql(database.clone()))
            }
            DatabaseConnectionType::Disconnected => {
                Err(DbErr::Conn(RuntimeErr::Internal("Disconnected".to_owned())))
            }
            #[allow(unreachable_patterns, reason = "the drivers are features of sea-orm")]
            _ => {
                let options = TransactionOptions {
                    sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                    ..TransactionOptions::default()
                };
                Ok(Self::Transaction(database.begin_with_options(options).await?))
            }
        }
    }

    /// The executor that runs migrations while the lock is held.
    pub(super) fn executor(&self) -> DatabaseExecutor<'_> {
        match self {
            Self::Transaction(transaction) => DatabaseExecutor::Transaction(transaction),
            #[cfg(feature = "mysql")]
            Self::MySql(connection) => DatabaseExecutor::Connection(connection),
        }
    }

    /// Gives it up and passes on what became of the migrations, which are kept only if they were done.
    pub(super) async fn release(self, done: Result<(), DbErr>) -> Result<(), DbErr> {
        match self {
            Self::Transaction(transaction) if done.is_ok() => transaction.commit().await?,
            // Why the migrations failed is of more interest than why this does.
            Self::Transaction(transaction) => drop(transaction.rollback().await),
            #[cfg(feature = "mysql")]
            Self::MySql(connection) => {
                if !mysql::release(connection.get_mysql_connection_pool()).await && done.is_ok() {
                    return Err(DbErr::Conn(RuntimeErr::Internal(
                        "the connection that held the lock for migrations broke: migrate again".to_owned(),
                    )));
                }
            }
        }
        done
    }
}

#[cfg(feature = "mysql")]
mod mysql {
    use sea_orm::DbErr;
    use sea_orm::sqlx::{self, MySqlPool};

    use crate::fault::statement_error;

    /// The names are those of the whole server, hence the database in it; they have 64 characters at most.
    const TAKE: &str = "SELECT GET_LOCK(CONCAT('iampass migration ', MD5(DATABASE())), 60)";
    const RELEASE: &str = "SELECT RELEASE_LOCK(CONCAT('iampass migration ', MD5(DATABASE())))";

    /// `own` is of one connection, and stays the same.
    pub(super) async fn take(own: &MySqlPool) -> Result<(), DbErr> {
        let got = sqlx::query_scalar::<_, Option<i64>>(TAKE).fetch_one(own).await;
        match got.map_err(statement_error)? {
            Some(1) => Ok(()),
            _ => Err(DbErr::Migration(
                "another node has been migrating for more than a minute: try again".to_owned(),
            )),
        }
    }

    /// Whether it was still held.
    pub(super) async fn release(own: &MySqlPool) -> bool {
        matches!(sqlx::query_scalar::<_, Option<i64>>(RELEASE).fetch_one(own).await, Ok(Some(1)))
    }
}
