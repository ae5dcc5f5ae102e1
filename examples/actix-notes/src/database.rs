//! The database. Belongs here: its connections, the application's own tables as diesel sees them, and bringing them up to date. Does not
//! belong here: any question of the application, or the login's tables, which come by themselves.

use std::fmt;

use diesel::{QueryResult, SqliteConnection};
use diesel_async::pooled_connection::AsyncDieselConnectionManager;
use diesel_async::pooled_connection::deadpool::{Object, Pool, PoolError};
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};
use iampass::diesel::{DieselDatabase, sqlite_setup};
use tokio::runtime::Handle;
use tokio::task::JoinError;

use crate::Failure;

/// A step that was released is never changed; another is added.
const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

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

/// A connection, whose calls are made on threads that may wait.
pub(crate) type Connection = SyncConnectionWrapper<SqliteConnection>;

/// The database did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DatabaseError {
    /// It is not to be reached.
    #[error(transparent)]
    Connection(#[from] PoolError),
    /// It was reached, and said no.
    #[error(transparent)]
    Query(#[from] diesel::result::Error),
    /// The process is ending.
    #[error(transparent)]
    Ending(#[from] JoinError),
}

/// The database, through a pool of connections. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Database {
    pool: Pool<Connection>,
    runtime: Handle,
}

impl Database {
    /// Opens the one in this file, which is made if there is none, and brings the application's own tables up to date.
    ///
    /// # Errors
    /// What the database said.
    pub(crate) async fn open(file: &str) -> Result<Self, Failure> {
        let manager = AsyncDieselConnectionManager::new_with_config(file, sqlite_setup());
        let pool: Pool<Connection> = Pool::builder(manager).build()?;
        let up_to_date = |database: &mut SqliteConnection| {
            // Of several that start at once, one does it and the others wait.
            database.immediate_transaction(|database| {
                let done = database.run_pending_migrations(MIGRATIONS).map(drop);
                done.map_err(diesel::result::Error::QueryBuilderError)
            })
        };
        pool.get().await?.spawn_blocking(up_to_date).await?;
        Ok(Self { pool, runtime: Handle::current() })
    }

    /// Asks something on a connection of its own, which is held no longer than that takes; a statement waits for others for five
    /// seconds at most.
    ///
    /// It is asked from where the database was opened, and to the end, even if the one who asked is gone by then. Browsers that go away
    /// take their handlers with them, in the middle of whatever they await; but a call to SQLite that was made cannot be taken back, and
    /// on a thread of one runtime, as each worker is, diesel-async panics when that is tried.
    ///
    /// # Errors
    /// What the database said.
    pub(crate) async fn ask<T, F>(
        &self,
        question: impl FnOnce(Object<Connection>) -> F + Send + 'static,
    ) -> Result<T, DatabaseError>
    where
        T: Send + 'static,
        F: Future<Output = QueryResult<T>> + Send,
    {
        let pool = self.pool.clone();
        self.runtime.spawn(async move { Ok(question(pool.get().await?).await?) }).await?
    }

    /// The same for the login's tables, whose stores see to all that themselves.
    pub(crate) fn for_login(&self) -> DieselDatabase<Connection> {
        DieselDatabase::new(self.pool.clone())
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").finish_non_exhaustive()
    }
}
