//! One statement on a connection of sqlx's pool, within a time. Belongs here: taking the connection, and keeping one that is in the middle of
//! something from the pool. Does not belong here: what an error means ([`crate::fault`]).
//!
//! sea-orm gives a connection back to the pool even when its statement was given up. The pool then asks whether it is well, waits for the
//! answer without end, and holds its place meanwhile: a server that is frozen would take all places.

use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::{self, Database};
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};

/// Why a statement has no answer.
pub(crate) enum Failed {
    /// The library's error.
    Said(DbErr),
    /// There was none in time. The connection is gone.
    NoAnswer,
}

/// A connection that leaves the pool when it is dropped, unless it has been given back.
struct Borrowed<D: Database>(Option<PoolConnection<D>>);

impl<D: Database> Borrowed<D> {
    fn give_back(&mut self) {
        self.0 = None;
    }
}

impl<D: Database> Drop for Borrowed<D> {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            drop(connection.detach());
        }
    }
}

/// As sea-orm says it.
fn not_acquired(error: sqlx::Error) -> Failed {
    Failed::Said(match error {
        sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        error => DbErr::Conn(RuntimeErr::SqlxError(error.into())),
    })
}

/// For one kind of server, since sqlx's types do not let both be said at once.
macro_rules! statements_on {
    ($server:ident, $feature:literal, $database:ty) => {
        #[cfg(feature = $feature)]
        pub(crate) mod $server {
            use std::time::Duration;

            use iampass_sql::DatabaseError;
            use iampass_sql::database::{Statement, Value};
            use sea_orm::sqlx::query::Query;
            use sea_orm::sqlx::{self, AssertSqlSafe, Database, Pool};
            use sea_orm::{DbErr, QueryResult, RuntimeErr};

            use super::{Borrowed, Failed, not_acquired};
            use crate::within::within;

            type Bound = Query<'static, $database, <$database as Database>::Arguments>;

            /// A statement with its values. Each connection prepares it once, and knows it again by its text.
            pub(crate) fn bind(statement: &Statement, values: Vec<Value>) -> Result<Bound, DatabaseError> {
                let mut query = sqlx::query(AssertSqlSafe(statement.text().to_owned()));
                for value in values {
                    query = match value {
                        Value::Text(text) => query.bind(text),
                        Value::Bytes(bytes) => query.bind(bytes),
                        Value::Integer(number) => query.bind(number),
                        Value::OptionalInteger(number) => query.bind(number),
                        _ => return Err(crate::values::unknown_type()),
                    };
                }
                Ok(query)
            }

            pub(crate) async fn execute(
                pool: &Pool<$database>,
                query: Bound,
                limit: Duration,
            ) -> Result<u64, Failed> {
                let mut borrowed = Borrowed(Some(pool.acquire().await.map_err(not_acquired)?));
                let Some(connection) = borrowed.0.as_deref_mut() else { return Err(Failed::NoAnswer) };
                let done = within(limit, query.execute(connection)).await.ok_or(Failed::NoAnswer)?;
                borrowed.give_back();
                match done {
                    Ok(done) => Ok(done.rows_affected()),
                    Err(error) => Err(Failed::Said(DbErr::Exec(RuntimeErr::SqlxError(error.into())))),
                }
            }

            pub(crate) async fn query(
                pool: &Pool<$database>,
                query: Bound,
                limit: Duration,
            ) -> Result<Vec<QueryResult>, Failed> {
                let mut borrowed = Borrowed(Some(pool.acquire().await.map_err(not_acquired)?));
                let Some(connection) = borrowed.0.as_deref_mut() else { return Err(Failed::NoAnswer) };
                let found = within(limit, query.fetch_all(connection)).await.ok_or(Failed::NoAnswer)?;
                borrowed.give_back();
                match found {
                    Ok(rows) => Ok(rows.into_iter().map(QueryResult::from).collect()),
                    Err(error) => Err(Failed::Said(DbErr::Query(RuntimeErr::SqlxError(error.into())))),
                }
            }
        }
    };
}

statements_on!(postgres, "postgres", sqlx::Postgres);
statements_on!(mysql, "mysql", sqlx::MySql);
