//! PostgreSQL.

use std::time::Duration;

use diesel::QueryResult;
use diesel::result::DatabaseErrorInformation;
use diesel_async::pooled_connection::AsyncDieselConnectionManager;
use diesel_async::{AsyncConnectionCore as _, AsyncPgConnection, SimpleAsyncConnection as _};
use futures_util::{StreamExt as _, TryStreamExt as _};
use iampass_sql::database::Row;
use iampass_sql::{DatabaseError, Dialect, Fault, POOLER_REFUSED};

use super::{Driver, Outcome, explain};
use crate::fault::{self, Sign};
use crate::query::{BoundQuery, read_number, read_row};

/// The advisory lock of our migrations: "iampass" in ASCII. It is one lock for each database of a server.
const LOCK: i64 = 0x0069_616d_7061_7373;

/// How often two connections are compared.
const ROUNDS: usize = 4;

/// Which process of the server answers.
const PROCESS: &str = "SELECT pg_backend_pid()::bigint";

/// Whether one of these connections changes servers, or both have the same one. A pooler that hands out the server that has rested longest gives
/// the first one another one when it is asked again. One that hands out the server that was used last gives it to the second one, which holds it by
/// a transaction while the first one is asked.
async fn is_shared(first: &mut AsyncPgConnection, second: &mut AsyncPgConnection) -> QueryResult<bool> {
    let before = process(first).await?;
    if process(first).await? != before {
        return Ok(true);
    }
    second.batch_execute("BEGIN").await?;
    if second.fetch_number(PROCESS, 0).await? == before || process(first).await? != before {
        return Ok(true);
    }
    second.batch_execute("ROLLBACK").await?;
    Ok(false)
}

/// In a transaction, since the question is prepared on the server that is to answer it.
async fn process(connection: &mut AsyncPgConnection) -> QueryResult<Option<i64>> {
    connection.batch_execute("BEGIN").await?;
    let process = connection.fetch_number(PROCESS, 0).await?;
    connection.batch_execute("ROLLBACK").await?;
    Ok(process)
}

impl Driver for AsyncPgConnection {
    type Manager = AsyncDieselConnectionManager<Self>;

    const DIALECT: Dialect = Dialect::Postgres;

    const ANSWERS_BY_ITSELF: bool = false;

    const MAY_BE_POOLED: bool = true;

    fn sign(information: &(dyn DatabaseErrorInformation + Send + Sync)) -> Sign {
        fault::postgres(information)
    }

    async fn ask(&mut self) -> Fault {
        // It keeps no errors; but a connection that is closed does not answer.
        match self.batch_execute("").await {
            Ok(()) => Fault::Other,
            Err(_) => Fault::Unreachable,
        }
    }

    async fn run(&mut self, query: BoundQuery) -> QueryResult<usize> {
        self.execute_returning_count(query).await
    }

    async fn fetch(&mut self, query: BoundQuery) -> QueryResult<Vec<Row>> {
        let columns = query.columns();
        self.load(query).await?.map(|row| read_row(&row?, &columns)).try_collect().await
    }

    async fn run_script(&mut self, script: &str) -> QueryResult<()> {
        self.batch_execute(script).await
    }

    async fn fetch_number(&mut self, sql: &str, column: usize) -> QueryResult<Option<i64>> {
        let rows: Vec<_> = self.load(diesel::sql_query(sql)).await?.try_collect().await?;
        rows.first().map(|row| read_number(row, column)).transpose()
    }

    /// One round finds out a pooler in transaction mode that nobody else uses. The others are for poolers in use.
    async fn why_unsuitable(&mut self, other: Option<&mut Self>) -> QueryResult<Option<&'static str>> {
        let Some(other) = other else { return Ok(None) };
        for _ in 0..ROUNDS {
            match is_shared(self, other).await {
                Ok(false) => {}
                Ok(true) => return Ok(Some(POOLER_REFUSED)),
                Err(error)
                    if fault::of_statement(&error, fault::postgres) == Sign::Clear(Fault::StatementLost) =>
                {
                    return Ok(Some(POOLER_REFUSED));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    async fn begin_migration(&mut self, patience: Duration) -> Result<(), DatabaseError> {
        // READ COMMITTED whatever the default is: what is seen under the lock must be what the one before has committed.
        let script = format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL lock_timeout = {}; SELECT pg_advisory_xact_lock({LOCK})",
            patience.as_millis()
        );
        match self.batch_execute(&script).await {
            Ok(()) => Ok(()),
            Err(error) => Err(explain(self, error).await),
        }
    }

    async fn end_migration(&mut self, outcome: Outcome) -> QueryResult<()> {
        self.batch_execute(match outcome {
            Outcome::Done => "COMMIT",
            Outcome::Failed => "ROLLBACK",
        })
        .await
    }
}
