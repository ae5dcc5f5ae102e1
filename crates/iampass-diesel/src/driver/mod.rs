//! The operations that the stores need of a connection, one file for each kind of server. Belongs here: everything that depends on the kind
//! of connection. Does not belong here: pools and faults.

use std::future::Future;
use std::time::Duration;

use deadpool::managed::Manager;
use diesel::QueryResult;
use diesel::result::DatabaseErrorInformation;
use diesel_async::pooled_connection::PoolError;
use iampass_sql::database::Row;
use iampass_sql::{DatabaseError, Dialect, Fault};

use crate::fault::{self, Sign};
use crate::query::BoundQuery;

#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "sqlite")]
pub use sqlite::sqlite_setup;

/// A connection that the stores can use: [`AsyncPgConnection`](diesel_async::AsyncPgConnection),
/// [`AsyncMysqlConnection`](diesel_async::AsyncMysqlConnection) and
/// [`SyncConnectionWrapper<SqliteConnection>`](diesel_async::sync_connection_wrapper::SyncConnectionWrapper), as the features
/// `postgres`, `mysql` and `sqlite` say. Other crates cannot implement it.
pub trait DieselConnection: Driver {}

impl<C: Driver> DieselConnection for C {}

/// How one kind of connection does what is needed.
pub trait Driver: Sized + Send + 'static {
    /// The manager by which a pool makes them.
    type Manager: Manager<Type = Self, Error = PoolError>;

    /// Which SQL it speaks.
    const DIALECT: Dialect;

    /// Whether it is opened, and answers that it is well, without a server that could keep us waiting for ever.
    const ANSWERS_BY_ITSELF: bool;

    /// Whether a pooler may be between it and its server.
    const MAY_BE_POOLED: bool;

    /// The sign in an error that diesel has no kind for.
    fn sign(information: &(dyn DatabaseErrorInformation + Send + Sync)) -> Sign;

    /// Asks the server about the last error, which was unclear.
    fn ask(&mut self) -> impl Future<Output = Fault> + Send;

    /// Runs a statement and says how many rows it changed.
    fn run(&mut self, query: BoundQuery) -> impl Future<Output = QueryResult<usize>> + Send;

    /// Runs a statement and reads its rows.
    fn fetch(&mut self, query: BoundQuery) -> impl Future<Output = QueryResult<Vec<Row>>> + Send;

    /// Runs several statements without values.
    fn run_script(&mut self, script: &str) -> impl Future<Output = QueryResult<()>> + Send;

    /// The number in this column of the first row.
    fn fetch_number(
        &mut self,
        sql: &str,
        column: usize,
    ) -> impl Future<Output = QueryResult<Option<i64>>> + Send;

    /// Says why the stores would not be right in these surroundings, if they would not. `other` is a second connection to the same place,
    /// where [`Driver::MAY_BE_POOLED`].
    fn why_unsuitable(
        &mut self,
        other: Option<&mut Self>,
    ) -> impl Future<Output = QueryResult<Option<&'static str>>> + Send;

    /// Makes sure that no other connection migrates until [`Driver::end_migration`], waiting for so long; and begins a transaction, where
    /// tables are made in one.
    fn begin_migration(
        &mut self,
        patience: Duration,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// Lets the next one migrate.
    fn end_migration(&mut self, outcome: Outcome) -> impl Future<Output = QueryResult<()>> + Send;
}

/// How a migration ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All of it is done.
    Done,
    /// None of it is to be seen, where the server can do that.
    Failed,
}

/// Makes of diesel's error what the stores can work with.
pub(crate) async fn explain<C: Driver>(connection: &mut C, error: diesel::result::Error) -> DatabaseError {
    let fault = match fault::of_statement(&error, C::sign) {
        Sign::Clear(fault) => fault,
        Sign::Unclear => connection.ask().await,
    };
    fault::with_source(fault, error)
}
