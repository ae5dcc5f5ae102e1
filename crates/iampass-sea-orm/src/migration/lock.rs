//! One node at a time. Belongs here: the lock under which migrations are run. Does not belong here: what is run.

#[cfg(any(feature = "postgres", feature = "mysql"))]
use sea_orm::sqlx;
use sea_orm::{
    DatabaseConnection, DatabaseConnectionType, DatabaseExecutor, DatabaseTransaction, DbErr, RuntimeErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait as _,
};

/// A lock that is held. If it is dropped, its connection is closed or its transaction rolled back, and with that it is free.
///
/// It does not use a connection of the pool, whose number may be one, and which would keep the lock if it was given back in the middle.
pub(super) enum Lock {
    #[cfg(feature = "postgres")]
    Postgres(sqlx::PgConnection),
    #[cfg(feature = "mysql")]
    MySql(sqlx::MySqlConnection),
    /// The migrations are run in it, since nobody else can write meanwhile.
    Sqlite(DatabaseTransaction),
}

/// Each database has its own; the number is of no other meaning.
#[cfg(feature = "postgres")]
const POSTGRES_LOCK: &str = "SELECT pg_advisory_lock(7599113487327261041)";
#[cfg(feature = "postgres")]
const POSTGRES_PATIENCE: &str = "SET lock_timeout = '60s'";
/// The names are those of the whole server, hence the database in it; they have 64 characters at most.
#[cfg(feature = "mysql")]
const MYSQL_LOCK: &str = "SELECT GET_LOCK(CONCAT('iampass migration ', MD5(DATABASE())), 60)";

impl Lock {
    /// Waits for it.
    pub(super) async fn take(database: &DatabaseConnection) -> Result<Self, DbErr> {
        match &database.inner {
            #[cfg(feature = "postgres")]
            DatabaseConnectionType::SqlxPostgresPoolConnection(_) => {
                let pool = database.get_postgres_connection_pool();
                let mut connection = pool.acquire().await.map_err(connection_error)?.detach();
                for statement in [POSTGRES_PATIENCE, POSTGRES_LOCK] {
                    sqlx::query(statement).execute(&mut connection).await.map_err(lock_error)?;
                }
                Ok(Self::Postgres(connection))
            }
            #[cfg(feature = "mysql")]
            DatabaseConnectionType::SqlxMySqlPoolConnection(_) => {
                let pool = database.get_mysql_connection_pool();
                let mut connection = pool.acquire().await.map_err(connection_error)?.detach();
                let got = sqlx::query_scalar::<_, Option<i64>>(MYSQL_LOCK).fetch_one(&mut connection).await;
                match got.map_err(lock_error)? {
                    Some(1) => Ok(Self::MySql(connection)),
                    _ => Err(DbErr::Migration(
                        "another node has been migrating for more than a minute: try again".to_owned(),
                    )),
                }
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
                Ok(Self::Sqlite(database.begin_with_options(options).await?))
            }
        }
    }

    /// What migrations are to be run over while it is held.
    pub(super) fn executor<'c>(&'c self, database: &'c DatabaseConnection) -> DatabaseExecutor<'c> {
        match self {
            Self::Sqlite(transaction) => DatabaseExecutor::Transaction(transaction),
            #[allow(unreachable_patterns, reason = "SQLite may be the only one")]
            _ => DatabaseExecutor::Connection(database),
        }
    }

    /// Gives it up and passes on what became of the migrations, which are kept only if they were done.
    pub(super) async fn release(self, done: Result<(), DbErr>) -> Result<(), DbErr> {
        match self {
            // The lock is gone with the connection, whether it says good-bye or not.
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => drop(sqlx::Connection::close(connection).await),
            #[cfg(feature = "mysql")]
            Self::MySql(connection) => drop(sqlx::Connection::close(connection).await),
            Self::Sqlite(transaction) if done.is_ok() => transaction.commit().await?,
            // Why the migrations failed is of more interest than why this does.
            Self::Sqlite(transaction) => drop(transaction.rollback().await),
        }
        done
    }
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
fn connection_error(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(error.into()))
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
fn lock_error(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}
