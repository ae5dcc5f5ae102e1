//! The database. Belongs here: its connections, and the application's own tables as diesel sees them. Does not belong here: making those
//! tables (`migrations`), any question of the application, or the login's tables, which come by themselves.
//!
//! It is SQLite, or MySQL, or MariaDB, as its URL says. Diesel's questions are the same for all of them; its connections are of
//! another type for each kind of server. So a question is written once and compiled for both, by [`ask!`].

use std::fmt;
use std::time::Duration;

use diesel::SqliteConnection;
use diesel_async::AsyncMysqlConnection;
use diesel_async::pooled_connection::AsyncDieselConnectionManager;
use diesel_async::pooled_connection::deadpool::{Pool, PoolError};
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use iampass::diesel::sqlite_setup;
use tokio::runtime::Handle;
use tokio::task::JoinError;

use crate::{Failure, migrations};

/// For how long a question waits for a connection.
const PATIENCE: Duration = Duration::from_secs(5);

diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Text,
        signed_up_at -> BigInt,
        has_arrived -> Bool,
    }
}

diesel::table! {
    notes (id) {
        id -> BigInt,
        user_id -> BigInt,
        title -> Text,
        text -> Text,
        changed_at -> BigInt,
    }
}

/// The database did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DatabaseError {
    /// It is not to be reached.
    #[error(transparent)]
    Connection(#[from] PoolError),
    /// It does not take another connection, or all are in use.
    #[error("no connection to the database within {} s", PATIENCE.as_secs())]
    Busy,
    /// It was reached, and said no.
    #[error(transparent)]
    Query(#[from] diesel::result::Error),
    /// The process is ending.
    #[error(transparent)]
    Ending(#[from] JoinError),
}

/// The connections, which are of one kind.
#[derive(Clone)]
pub(crate) enum Pools {
    /// To a file. Calls are made on threads that may wait.
    Sqlite(Pool<SyncConnectionWrapper<SqliteConnection>>),
    /// To a server of MySQL or MariaDB.
    MySql(Pool<AsyncMysqlConnection>),
}

/// The database, through a pool of connections. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Database {
    pools: Pools,
    runtime: Handle,
}

/// Asks a [`Database`] something on a connection of its own, which is held no longer than that takes: `ask!(database, connection =>
/// question)`, where the question awaits what diesel makes of the connection. Gives a [`DatabaseError`] where it fails.
macro_rules! ask {
    ($database:expr, $connection:ident => $question:expr) => {
        match $database.pools().clone() {
            $crate::database::Pools::Sqlite(pool) => {
                let asking = async move {
                    let mut $connection = $crate::database::connection(pool.get()).await?;
                    Ok($question?)
                };
                $database.to_the_end(asking).await
            }
            $crate::database::Pools::MySql(pool) => {
                let asking = async move {
                    let mut $connection = $crate::database::connection(pool.get()).await?;
                    Ok($question?)
                };
                $database.to_the_end(asking).await
            }
        }
    };
}
pub(crate) use ask;

impl Database {
    /// Opens the one at this URL and brings the application's own tables up to date. A file of SQLite is made if there is none.
    ///
    /// # Errors
    /// That it is no URL of ours, or what the database said.
    pub(crate) async fn open(url: &str) -> Result<Self, Failure> {
        let pools = if let Some(file) = url.strip_prefix("sqlite://") {
            let manager = AsyncDieselConnectionManager::new_with_config(file, sqlite_setup());
            Pools::Sqlite(Pool::builder(manager).build()?)
        } else if url.starts_with("mysql://") {
            Pools::MySql(Pool::builder(AsyncDieselConnectionManager::new(url)).build()?)
        } else {
            // It may hold a password, so it is not shown.
            return Err("The database's URL begins with neither sqlite:// nor mysql://.".into());
        };
        migrations::run(&pools).await?;
        Ok(Self { pools, runtime: Handle::current() })
    }

    /// Its connections, for the login's tables, whose stores see to all else themselves.
    pub(crate) fn pools(&self) -> &Pools {
        &self.pools
    }

    /// Asks from where the database was opened, and to the end, even if the one who asked is gone by then; for [`ask!`].
    ///
    /// Browsers that go away take their handlers with them, in the middle of whatever they await; but a call to SQLite that was made
    /// cannot be taken back, and on a thread of one runtime, as each worker is, diesel-async panics when that is tried. A connection
    /// to MySQL belongs to the runtime that opened it.
    ///
    /// # Errors
    /// The database's error.
    pub(crate) async fn to_the_end<T: Send + 'static>(
        &self,
        asking: impl Future<Output = Result<T, DatabaseError>> + Send + 'static,
    ) -> Result<T, DatabaseError> {
        self.runtime.spawn(asking).await?
    }
}

/// The connection that is being taken from a pool; the pool itself would wait for ever.
///
/// # Errors
/// [`DatabaseError::Connection`] or [`DatabaseError::Busy`].
pub(crate) async fn connection<C>(
    taking: impl Future<Output = Result<C, PoolError>>,
) -> Result<C, DatabaseError> {
    Ok(tokio::time::timeout(PATIENCE, taking).await.map_err(|_| DatabaseError::Busy)??)
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").finish_non_exhaustive()
    }
}
