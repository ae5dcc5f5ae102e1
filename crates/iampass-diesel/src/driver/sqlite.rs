//! SQLite, whose calls block and so are made on tokio's threads for that, never on its own.

use std::time::Duration;

use diesel::QueryResult;
use diesel::connection::{Connection as _, LoadConnection as _, SimpleConnection as _};
use diesel::result::{ConnectionError, DatabaseErrorInformation};
use diesel::sqlite::SqliteConnection;
use diesel_async::AsyncConnection as _;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig};
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use futures_util::FutureExt as _;
use iampass_sql::database::Row;
use iampass_sql::{DatabaseError, Dialect, Fault};

use super::{Driver, Outcome, explain};
use crate::fault::{self, Sign};
use crate::query::{BoundQuery, read_number, read_row};

/// How long it is waited between two tries to lock the file for a migration.
const PAUSE: Duration = Duration::from_millis(50);

/// The settings that a connection of an application with several tasks needs: foreign keys are enforced, which SQLite does not do by
/// itself; a statement that finds the file locked waits for up to five seconds instead of failing at once; and readers and a writer do not
/// lock each other out (WAL).
///
/// ```
/// use diesel::SqliteConnection;
/// use diesel_async::pooled_connection::{AsyncDieselConnectionManager, deadpool::Pool};
/// use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let manager = AsyncDieselConnectionManager::<SyncConnectionWrapper<SqliteConnection>>::new_with_config(
///     "app.db",
///     iampass_diesel::sqlite_setup(),
/// );
/// let pool = Pool::builder(manager).build()?;
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn sqlite_setup() -> ManagerConfig<SyncConnectionWrapper<SqliteConnection>> {
    let mut config = ManagerConfig::default();
    config.custom_setup = Box::new(|url| {
        let url = url.to_owned();
        async move {
            let mut connection = SyncConnectionWrapper::<SqliteConnection>::establish(&url).await?;
            diesel_async::SimpleAsyncConnection::batch_execute(&mut connection, SET_UP)
                .await
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok(connection)
        }
        .boxed()
    });
    config
}

/// The time first, since to change to WAL needs a lock.
const SET_UP: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";

impl Driver for SyncConnectionWrapper<SqliteConnection> {
    type Manager = AsyncDieselConnectionManager<Self>;

    const DIALECT: Dialect = Dialect::Sqlite;

    const ANSWERS_BY_ITSELF: bool = true;

    const MAY_BE_POOLED: bool = false;

    fn sign(information: &(dyn DatabaseErrorInformation + Send + Sync)) -> Sign {
        fault::sqlite(information)
    }

    async fn ask(&mut self) -> Fault {
        Fault::Other
    }

    async fn run(&mut self, query: BoundQuery) -> QueryResult<usize> {
        self.spawn_blocking(move |connection| connection.execute_returning_count(&query)).await
    }

    async fn fetch(&mut self, query: BoundQuery) -> QueryResult<Vec<Row>> {
        self.spawn_blocking(move |connection| {
            let columns = query.columns();
            connection.load(query)?.map(|row| read_row(&row?, &columns)).collect()
        })
        .await
    }

    async fn run_script(&mut self, script: &str) -> QueryResult<()> {
        let script = script.to_owned();
        self.spawn_blocking(move |connection| connection.batch_execute(&script)).await
    }

    async fn fetch_number(&mut self, sql: &str, column: usize) -> QueryResult<Option<i64>> {
        let query = diesel::sql_query(sql);
        self.spawn_blocking(move |connection| {
            let row = connection.load(query)?.next().transpose()?;
            row.map(|row| read_number(&row, column)).transpose()
        })
        .await
    }

    async fn why_unsuitable(&mut self, _other: Option<&mut Self>) -> QueryResult<Option<&'static str>> {
        Ok(None)
    }

    async fn begin_migration(&mut self, patience: Duration) -> Result<(), DatabaseError> {
        let start = tokio::time::Instant::now();
        loop {
            let Err(error) = self.run_script("BEGIN IMMEDIATE").await else { return Ok(()) };
            let error = explain(self, error).await;
            // A connection that was not told to wait fails at once.
            if error.fault() != Fault::LockTimeout || start.elapsed() >= patience {
                return Err(error);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn end_migration(&mut self, outcome: Outcome) -> QueryResult<()> {
        self.run_script(match outcome {
            Outcome::Done => "COMMIT",
            Outcome::Failed => "ROLLBACK",
        })
        .await
    }
}
