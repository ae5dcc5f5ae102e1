//! MySQL and MariaDB.

use std::time::Duration;

use diesel::QueryResult;
use diesel::result::{DatabaseErrorInformation, Error};
use diesel_async::pooled_connection::AsyncDieselConnectionManager;
use diesel_async::{AsyncConnectionCore as _, AsyncMysqlConnection, SimpleAsyncConnection as _};
use futures_util::{StreamExt as _, TryStreamExt as _};
use iampass_sql::database::Row;
use iampass_sql::{DatabaseError, Dialect, Fault, GALERA_REFUSED, GALERA_WAIT_MISSING};

use super::{Driver, Outcome, explain};
use crate::fault::{self, Sign};
use crate::query::{BoundQuery, read_number, read_row};

/// The lock of our migrations. Such names are the whole server's, so the database is in it; they have 64 characters at most.
const LOCK: &str = "CONCAT('iampass_migrations_', MD5(DATABASE()))";

impl Driver for AsyncMysqlConnection {
    type Manager = AsyncDieselConnectionManager<Self>;

    const DIALECT: Dialect = Dialect::MySql;

    const ANSWERS_BY_ITSELF: bool = false;

    const MAY_BE_POOLED: bool = false;

    fn sign(information: &(dyn DatabaseErrorInformation + Send + Sync)) -> Sign {
        fault::mysql(information)
    }

    async fn ask(&mut self) -> Fault {
        // Level, Code, Message. The number is the same in every language.
        match self.fetch_number("SHOW ERRORS LIMIT 1", 1).await {
            Ok(number) => number
                .and_then(|number| number.try_into().ok())
                .map_or(Fault::Other, Fault::from_mysql_number),
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

    async fn why_unsuitable(&mut self, _other: Option<&mut Self>) -> QueryResult<Option<&'static str>> {
        match self.fetch_number(GALERA_WAIT_MISSING, 0).await {
            Ok(missing) => Ok(missing.filter(|missing| *missing != 0).map(|_| GALERA_REFUSED)),
            // A server that was built without Galera does not know the variables.
            Err(Error::DatabaseError(_, said)) if said.message().contains("wsrep_") => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn begin_migration(&mut self, patience: Duration) -> Result<(), DatabaseError> {
        let got = self.fetch_number(&format!("SELECT GET_LOCK({LOCK}, {})", patience.as_secs()), 0).await;
        match got {
            Ok(Some(1)) => Ok(()),
            Ok(_) => {
                Err(DatabaseError::new(Fault::LockTimeout, "another node has been migrating for too long"))
            }
            Err(error) => Err(explain(self, error).await),
        }
    }

    /// There is no transaction: each statement that makes a table is final. They do nothing when it is there already.
    async fn end_migration(&mut self, _outcome: Outcome) -> QueryResult<()> {
        self.fetch_number(&format!("SELECT RELEASE_LOCK({LOCK})"), 0).await.map(drop)
    }
}
