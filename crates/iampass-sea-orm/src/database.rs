//! [`SeaOrmDatabase`]: the port to a database over sea-orm. Belongs here: running a statement. Does not belong here: what its failure
//! means ([`crate::fault`]), and which values sea-orm takes and gives ([`crate::values`]).

use async_trait::async_trait;
use iampass_core::Server;
use iampass_core::port::StoreError;
use iampass_sql::database::{Database, Row, Statement, Value};
use iampass_sql::{DatabaseError, Dialect, KeyRing, Schema, SessionTable, TimeLimits, TokenTable};
use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DatabaseConnectionType, DbBackend, DbErr, QueryResult,
    Statement as SeaOrmStatement,
};

use crate::fault::Faults;
#[cfg(any(feature = "postgres", feature = "mysql"))]
use crate::statement::{self, Failed};
use crate::values::{bound, row};
use crate::{SeaOrmSessionStore, SeaOrmTokenStore, migration};

/// The application's own database, through the connection pool that it has.
///
/// Cheap to clone; clones share the pool. Statements are prepared once per connection and kept by sqlx; SQLite runs on threads of its own.
///
/// A statement of PostgreSQL or MySQL without an answer is given up after [`TimeLimits::statement`], and its connection with it. A call whose
/// future is dropped while its statement runs gives up its connection too.
///
/// ```no_run
/// use iampass_core::Server;
/// use iampass_sea_orm::{KeyRing, Schema, SeaOrmDatabase};
///
/// # async fn set_up() -> Result<(), Box<dyn std::error::Error>> {
/// let database = SeaOrmDatabase::new(sea_orm::Database::connect("postgres://localhost/shop").await?);
/// let schema = Schema::default();
/// database.migrate(&schema).await?;
/// let tokens = database.token_store(&schema);
/// let sessions = database.session_store(&schema, KeyRing::from_env()?, Server::parse("https://login.example")?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct SeaOrmDatabase {
    connection: DatabaseConnection,
    backend: DbBackend,
    faults: Faults,
    limits: TimeLimits,
}

impl SeaOrmDatabase {
    /// Over this pool. Nothing is asked yet.
    #[must_use]
    pub fn new(connection: DatabaseConnection) -> Self {
        let backend = match &connection.inner {
            // It has no backend, and says so by a panic. Every statement will say it as an error.
            DatabaseConnectionType::Disconnected => DbBackend::Sqlite,
            #[allow(unreachable_patterns, reason = "the drivers are features of sea-orm")]
            _ => connection.get_database_backend(),
        };
        Self { connection, backend, faults: Faults::default(), limits: TimeLimits::default() }
    }

    /// Gives statements and migrations so long, instead of ten seconds and ten minutes.
    #[must_use]
    pub fn with_time_limits(mut self, limits: TimeLimits) -> Self {
        self.limits = limits;
        self
    }

    /// The pool.
    #[must_use]
    pub const fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// The application's users and their tokens, in the tables of `schema`.
    #[must_use]
    pub fn token_store(&self, schema: &Schema) -> SeaOrmTokenStore {
        TokenTable::new(self.clone(), schema)
    }

    /// The sessions of `server` and the logouts that are owed, in the tables of `schema`, sealed with the keys of `ring`.
    #[must_use]
    pub fn session_store(&self, schema: &Schema, ring: KeyRing, server: Server) -> SeaOrmSessionStore {
        SessionTable::new(self.clone(), schema, ring, server)
    }

    /// Makes the tables of `schema`, unless that has been done: see [`migration::migrate`].
    ///
    /// # Errors
    /// [`StoreError`], of kind `Busy` when another node has been at it for too long, `NoAnswer` when the server is silent for longer than
    /// [`TimeLimits`] says, and `Unsuitable` where [`migration::migrate`] refuses
    /// the surroundings.
    pub async fn migrate(&self, schema: &Schema) -> Result<(), StoreError> {
        self.heard_of_migration(migration::migrate_within(&self.connection, schema, self.limits).await)
    }

    /// Takes the tables of `schema` away again, and all that is in them: see [`migration::revert`].
    ///
    /// # Errors
    /// [`StoreError`], of kind `Busy` when another node has been at it for too long, and `NoAnswer` when the server is silent.
    pub async fn revert(&self, schema: &Schema) -> Result<(), StoreError> {
        self.heard_of_migration(migration::revert_within(&self.connection, schema, self.limits).await)
    }

    fn heard_of_migration(&self, done: Result<(), DbErr>) -> Result<(), StoreError> {
        Ok(self.heard(done).map_err(DatabaseError::of_migration)?)
    }

    /// The outcome of a statement, which is noted.
    fn heard<T>(&self, result: Result<T, DbErr>) -> Result<T, DatabaseError> {
        match result {
            Ok(answer) => {
                self.faults.clear();
                Ok(answer)
            }
            Err(error) => Err(self.faults.error(error, &self.connection)),
        }
    }

    /// The same of a statement on a connection of ours.
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    fn heard_in_time<T>(&self, result: Result<T, Failed>) -> Result<T, DatabaseError> {
        match result {
            Ok(answer) => self.heard(Ok(answer)),
            Err(Failed::Said(error)) => self.heard(Err(error)),
            Err(Failed::NoAnswer) => Err(self.faults.no_answer(&self.connection)),
        }
    }

    async fn found(
        &self,
        statement: &Statement,
        values: Vec<Value>,
    ) -> Result<Vec<QueryResult>, DatabaseError> {
        #[cfg(any(feature = "postgres", feature = "mysql"))]
        let limit = self.limits.statement();
        match &self.connection.inner {
            #[cfg(feature = "postgres")]
            DatabaseConnectionType::SqlxPostgresPoolConnection(_) => {
                let pool = self.connection.get_postgres_connection_pool();
                let query = statement::postgres::bind(statement, values)?;
                self.heard_in_time(statement::postgres::query(pool, query, limit).await)
            }
            #[cfg(feature = "mysql")]
            DatabaseConnectionType::SqlxMySqlPoolConnection(_) => {
                let pool = self.connection.get_mysql_connection_pool();
                let query = statement::mysql::bind(statement, values)?;
                self.heard_in_time(statement::mysql::query(pool, query, limit).await)
            }
            _ => {
                let statement = self.statement(statement, values)?;
                self.heard(self.connection.query_all_raw(statement).await)
            }
        }
    }

    fn statement(&self, statement: &Statement, values: Vec<Value>) -> Result<SeaOrmStatement, DatabaseError> {
        let values = values.into_iter().map(bound).collect::<Result<Vec<_>, _>>()?;
        Ok(SeaOrmStatement::from_sql_and_values(self.backend, statement.text(), values))
    }
}

impl From<DatabaseConnection> for SeaOrmDatabase {
    fn from(connection: DatabaseConnection) -> Self {
        Self::new(connection)
    }
}

#[async_trait]
impl Database for SeaOrmDatabase {
    fn dialect(&self) -> Dialect {
        match self.backend {
            DbBackend::Postgres => Dialect::Postgres,
            DbBackend::MySql => Dialect::MySql,
            // The only other one that there is; sea-orm keeps the list open.
            _ => Dialect::Sqlite,
        }
    }

    async fn execute(&self, statement: &Statement, values: Vec<Value>) -> Result<u64, DatabaseError> {
        #[cfg(any(feature = "postgres", feature = "mysql"))]
        let limit = self.limits.statement();
        match &self.connection.inner {
            #[cfg(feature = "postgres")]
            DatabaseConnectionType::SqlxPostgresPoolConnection(_) => {
                let pool = self.connection.get_postgres_connection_pool();
                let query = statement::postgres::bind(statement, values)?;
                return self.heard_in_time(statement::postgres::execute(pool, query, limit).await);
            }
            #[cfg(feature = "mysql")]
            DatabaseConnectionType::SqlxMySqlPoolConnection(_) => {
                let pool = self.connection.get_mysql_connection_pool();
                let query = statement::mysql::bind(statement, values)?;
                return self.heard_in_time(statement::mysql::execute(pool, query, limit).await);
            }
            _ => {}
        }
        let statement = self.statement(statement, values)?;
        let done = self.connection.execute_raw(statement).await;
        Ok(self.heard(done)?.rows_affected())
    }

    async fn query(&self, statement: &Statement, values: Vec<Value>) -> Result<Vec<Row>, DatabaseError> {
        let columns = statement.columns();
        let found = self.found(statement, values).await?;
        found.iter().map(|result| row(result, columns)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use iampass_core::UserToken;
    use iampass_core::port::{StoreErrorKind, TokenStore as _, UserKey};

    #[tokio::test]
    async fn a_connection_that_is_none_is_an_error_and_no_panic() {
        let database = SeaOrmDatabase::new(DatabaseConnection::default());
        let store = database.token_store(&Schema::default());
        let token = UserToken::new("a").unwrap();
        for failed in [
            store.token_for(&UserKey::from(1)).await.unwrap_err(),
            store.assign(&UserKey::from(1), &token).await.unwrap_err(),
        ] {
            assert_eq!(failed.kind(), StoreErrorKind::Unavailable);
        }
        let failed = database.migrate(&Schema::default()).await.unwrap_err();
        assert_eq!(failed.kind(), StoreErrorKind::Unavailable);
    }
}
