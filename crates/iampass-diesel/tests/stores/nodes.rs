//! Two nodes of an application on one database: two pools. Belongs here: pools, and SQL by hand. Does not belong here: tables.

use std::sync::Arc;

use diesel::SqliteConnection;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_async::{AsyncMysqlConnection, AsyncPgConnection, SimpleAsyncConnection as _};
use iampass_core::port::BoxError;
use iampass_diesel::{Dialect, DieselConnection, DieselDatabase, sqlite_setup};

pub(crate) type Sqlite = SyncConnectionWrapper<SqliteConnection>;

/// Runs a script over a connection of the first node.
pub(crate) type Sql =
    Arc<dyn Fn(String) -> std::pin::Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>> + Send + Sync>;

/// Two nodes; the database goes with them.
pub(crate) struct Nodes<C: DieselConnection> {
    pub(crate) databases: [DieselDatabase<C>; 2],
    pub(crate) url: String,
    pub(crate) dialect: Dialect,
    pub(crate) sql: Sql,
    _kept: Arc<dyn std::any::Any + Send + Sync>,
}

impl<C: DieselConnection> Clone for Nodes<C> {
    fn clone(&self) -> Self {
        Self {
            databases: self.databases.clone(),
            url: self.url.clone(),
            dialect: self.dialect,
            sql: self.sql.clone(),
            _kept: self._kept.clone(),
        }
    }
}

impl<C: DieselConnection> Nodes<C> {
    pub(crate) async fn sql(&self, script: &str) {
        (self.sql)(script.to_owned()).await.unwrap();
    }
}

macro_rules! nodes {
    ($connection:ty, $dialect:expr, $pool:ident, $on:ident, $setup:expr) => {
        /// A pool of up to `size` connections.
        pub(crate) fn $pool(url: &str, size: usize) -> Pool<$connection> {
            let manager = AsyncDieselConnectionManager::<$connection>::new_with_config(url, $setup);
            Pool::builder(manager).max_size(size).build().unwrap()
        }

        /// Two nodes on the database of this URL, which is kept as long as they are.
        pub(crate) fn $on(url: &str, kept: impl std::any::Any + Send + Sync) -> Nodes<$connection> {
            // The second one does not look whether a connection is well before it gives it out.
            let mut config = $setup;
            config.recycling_method = RecyclingMethod::Fast;
            let manager = AsyncDieselConnectionManager::<$connection>::new_with_config(url, config);
            let pools = [$pool(url, 8), Pool::builder(manager).max_size(8).build().unwrap()];
            let by_hand = pools[0].clone();
            Nodes {
                databases: pools.map(DieselDatabase::new),
                url: url.to_owned(),
                dialect: $dialect,
                sql: Arc::new(move |script| {
                    let pool = by_hand.clone();
                    Box::pin(async move { Ok(pool.get().await?.batch_execute(&script).await?) })
                }),
                _kept: Arc::new(kept),
            }
        }
    };
}

nodes!(Sqlite, Dialect::Sqlite, sqlite_pool, on_sqlite, sqlite_setup());
nodes!(AsyncPgConnection, Dialect::Postgres, postgres_pool, on_postgres, ManagerConfig::default());
nodes!(AsyncMysqlConnection, Dialect::MySql, mysql_pool, on_mysql, ManagerConfig::default());

/// Two nodes on a new file.
pub(crate) fn sqlite() -> Option<Nodes<Sqlite>> {
    let folder = tempfile::tempdir().unwrap();
    let url = folder.path().join("app.db").to_str().unwrap().to_owned();
    Some(on_sqlite(&url, folder))
}

/// Two nodes on an empty database, unless there is no server.
pub(crate) fn postgres() -> Option<Nodes<AsyncPgConnection>> {
    let database = iampass_test_databases::postgres()?.database();
    let url = database.url().to_owned();
    Some(on_postgres(&url, database))
}

/// Two nodes on an empty database, unless there is no server.
pub(crate) fn mysql() -> Option<Nodes<AsyncMysqlConnection>> {
    let database = iampass_test_databases::mariadb()?.database();
    let url = database.url().to_owned();
    Some(on_mysql(&url, database))
}

/// Runs an `async fn test<C: DieselConnection>(nodes: Nodes<C>)` on each database, as a module of tests.
#[macro_export]
macro_rules! on_each_database {
    ($test:ident) => {
        mod $test {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                if let Some(nodes) = $crate::nodes::sqlite() {
                    super::$test(nodes).await;
                }
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(nodes) = $crate::nodes::postgres() {
                    super::$test(nodes).await;
                }
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn mysql() {
                if let Some(nodes) = $crate::nodes::mysql() {
                    super::$test(nodes).await;
                }
            }
        }
    };
}
