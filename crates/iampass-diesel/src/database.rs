//! [`DieselDatabase`]: the application's pool as the database of the stores.

use std::time::Duration;

use async_trait::async_trait;
use deadpool::managed::Manager;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, PoolError};
use iampass_core::Server;
use iampass_core::port::StoreError;
use iampass_sql::database::{Database, Row, Statement, Value};
use iampass_sql::{
    DatabaseError, Dialect, Fault, KeyRing, POOLER_REFUSED, Schema, SessionTable, TimeLimits, TokenTable,
};

use crate::checkout::{PoolOf, another, checkout};
use crate::driver::{DieselConnection, Driver, explain};
use crate::finishing::Finishing;
use crate::migration::Migrated;
use crate::migration::run::{self, After, Direction};
use crate::query::BoundQuery;
use crate::within::{abandon, settled, within};

/// How long a call waits for a connection unless it is said otherwise.
const PATIENCE: Duration = Duration::from_secs(5);

/// A [`TokenStore`](iampass_core::port::TokenStore) over a pool of diesel's connections.
pub type DieselTokenStore<C> = TokenTable<DieselDatabase<C>>;

/// A [`SessionStore`](iampass_core::port::SessionStore) over a pool of diesel's connections.
pub type DieselSessionStore<C> = SessionTable<DieselDatabase<C>>;

/// The application's database, through the pool that it has. A clone is cheap and shares the pool.
///
/// It is to be used on the tokio runtime that the pool's connections were made on, with time enabled. A call whose future is dropped
/// while its statement runs is brought to its end in the background; the connection goes back to the pool after that. A statement without an
/// answer is given up after [`TimeLimits::statement`], and its connection with it.
pub struct DieselDatabase<C: DieselConnection> {
    pool: PoolOf<C>,
    patience: Duration,
    limits: TimeLimits,
}

impl<C: DieselConnection> Clone for DieselDatabase<C> {
    fn clone(&self) -> Self {
        Self { pool: self.pool.clone(), patience: self.patience, limits: self.limits }
    }
}

impl<C: DieselConnection> DieselDatabase<C> {
    /// The database that this pool connects to. Nothing is asked yet.
    #[must_use]
    pub fn new(pool: Pool<C>) -> Self
    where
        C: Driver<Manager = AsyncDieselConnectionManager<C>>,
        AsyncDieselConnectionManager<C>: Manager<Type = C, Error = PoolError>,
    {
        Self { pool, patience: PATIENCE, limits: TimeLimits::default() }
    }

    /// Waits for so long for a connection, instead of five seconds. A pool of diesel-async waits for ever by default.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Gives statements and migrations so long, instead of ten seconds and ten minutes.
    #[must_use]
    pub fn with_time_limits(mut self, limits: TimeLimits) -> Self {
        self.limits = limits;
        self
    }

    /// The lookup table of users' tokens.
    #[must_use]
    pub fn token_store(&self, schema: &Schema) -> DieselTokenStore<C> {
        TokenTable::new(self.clone(), schema)
    }

    /// The sessions that were started with `server`, sealed with these keys.
    #[must_use]
    pub fn session_store(&self, schema: &Schema, ring: KeyRing, server: Server) -> DieselSessionStore<C> {
        SessionTable::new(self.clone(), schema, ring, server)
    }

    /// Makes the tables, if that has not been done. The users table must be there.
    ///
    /// Every node may call it as it starts: one does it, the others wait for up to a minute. It is noted in diesel's own table
    /// `__diesel_schema_migrations`. In a Galera cluster the lock is each node's own; there one that meets another looks at that table again
    /// and goes on.
    ///
    /// A pooler in transaction mode is refused, and so is a Galera cluster without `wsrep_sync_wait = 7`: see
    /// [how to run on several nodes](crate::how_to::several_nodes).
    ///
    /// # Errors
    /// [`StoreError`], of kind `Unsuitable` in such surroundings, and of kind `NoAnswer` where the server is silent for longer than
    /// [`TimeLimits`] says. Nothing is changed then; in MySQL, which cannot take tables back, it goes
    /// on where it failed next time.
    pub async fn migrate(&self, schema: &Schema) -> Result<Migrated, StoreError> {
        self.run_migration(schema, Direction::Up).await
    }

    /// Takes the tables away, and all that is in them, if they were made by a migration.
    ///
    /// # Errors
    /// As for [`DieselDatabase::migrate`].
    pub async fn revert(&self, schema: &Schema) -> Result<Migrated, StoreError> {
        self.run_migration(schema, Direction::Down).await
    }

    async fn run_migration(&self, schema: &Schema, direction: Direction) -> Result<Migrated, StoreError> {
        let (pool, patience, limits, schema) =
            (self.pool.clone(), self.patience, self.limits, schema.clone());
        let migrated = Finishing::new(move |no_return| async move {
            // Where a pooler changes servers, even setting up a connection may fail by it.
            let or_pooled = |error: DatabaseError| match error.fault() {
                Fault::StatementLost => DatabaseError::new(Fault::Unsuitable, POOLER_REFUSED),
                _ => error,
            };
            let mut connection = checkout::<C>(pool.clone(), patience).await.map_err(or_pooled)?;
            let mut other = match C::MAY_BE_POOLED {
                true => Some(another::<C>(&pool, patience).await.map_err(or_pooled)?),
                false => None,
            };
            no_return.pass();
            let looked = within::<C, _>(limits.statement(), async {
                match connection.why_unsuitable(other.as_mut()).await {
                    Ok(None) => Ok(()),
                    Ok(Some(why)) => Err(DatabaseError::new(Fault::Unsuitable, why)),
                    Err(error) => Err(explain(&mut *connection, error).await),
                }
            });
            if let Err(error) = looked.await.and_then(|looked| looked) {
                // Each of them may be in the middle of a transaction.
                abandon::<C>(&pool, connection);
                return Err(error);
            }
            drop(other);
            let (migrated, after) = run::migrate(&mut *connection, &schema, direction, limits).await;
            if after == After::Spoilt {
                abandon::<C>(&pool, connection);
            }
            migrated
        })?;
        Ok(migrated.await.map_err(DatabaseError::of_migration)?)
    }
}

#[async_trait]
impl<C: DieselConnection> Database for DieselDatabase<C> {
    fn dialect(&self) -> Dialect {
        C::DIALECT
    }

    async fn execute(&self, statement: &Statement, values: Vec<Value>) -> Result<u64, DatabaseError> {
        let (pool, patience, limit) = (self.pool.clone(), self.patience, self.limits.statement());
        let query = BoundQuery::new(statement, values);
        let changed = Finishing::new(move |no_return| async move {
            let mut connection = checkout::<C>(pool.clone(), patience).await?;
            no_return.pass();
            let changed = within::<C, _>(limit, connection.run(query)).await;
            settled::<C, _>(&pool, connection, limit, changed).await
        })?;
        Ok(u64::try_from(changed.await?).unwrap_or(u64::MAX))
    }

    async fn query(&self, statement: &Statement, values: Vec<Value>) -> Result<Vec<Row>, DatabaseError> {
        let (pool, patience, limit) = (self.pool.clone(), self.patience, self.limits.statement());
        let query = BoundQuery::new(statement, values);
        let rows = Finishing::new(move |no_return| async move {
            let mut connection = checkout::<C>(pool.clone(), patience).await?;
            no_return.pass();
            let rows = within::<C, _>(limit, connection.fetch(query)).await;
            settled::<C, _>(&pool, connection, limit, rows).await
        })?;
        rows.await
    }
}

impl<C: DieselConnection> std::fmt::Debug for DieselDatabase<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DieselDatabase")
            .field("dialect", &C::DIALECT)
            .field("patience", &self.patience)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
