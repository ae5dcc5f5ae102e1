//! The stores over diesel, and the same by hand: in the library's own terms, whose statements it keeps prepared. Belongs here: what
//! differs from database to database. Does not belong here: the statements themselves ([`super::diesel_by_hand`]).

use std::sync::Arc;

use diesel::SqliteConnection;
use diesel_async::pooled_connection::AsyncDieselConnectionManager;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection as _};
use iampass_core::Server;
use iampass_core::port::{BoxError, SessionStore, TokenStore};
use iampass_diesel::{DieselConnection, DieselDatabase, Schema, sqlite_setup};
use iampass_sql::Dialect;

use super::diesel_by_hand::ByHand;
use super::{SERVER, Sides, Stores, key_ring, set_up};

pub(super) async fn sqlite(path: &str) -> Result<Sides, BoxError> {
    type Connection = SyncConnectionWrapper<SqliteConnection>;
    let manager = AsyncDieselConnectionManager::<Connection>::new_with_config(path, sqlite_setup());
    let pool = Pool::builder(manager).max_size(1).build()?;
    for statement in set_up(Dialect::Sqlite) {
        pool.get().await?.batch_execute(statement).await?;
    }
    sides(DieselDatabase::new(pool.clone()), Dialect::Sqlite, ByHand::new(pool, Dialect::Sqlite)?).await
}

pub(super) async fn postgres(url: &str) -> Result<Sides, BoxError> {
    let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new(url);
    let pool = Pool::builder(manager).max_size(1).build()?;
    for statement in set_up(Dialect::Postgres) {
        pool.get().await?.batch_execute(statement).await?;
    }
    sides(DieselDatabase::new(pool.clone()), Dialect::Postgres, ByHand::new(pool, Dialect::Postgres)?).await
}

async fn sides<C>(
    stores: DieselDatabase<C>,
    database: Dialect,
    by_hand: impl TokenStore + SessionStore + 'static,
) -> Result<Sides, BoxError>
where
    C: DieselConnection,
{
    let schema = Schema::default();
    stores.migrate(&schema).await?;
    let ours = Stores {
        tokens: Arc::new(stores.token_store(&schema)),
        sessions: Arc::new(stores.session_store(&schema, key_ring(), Server::parse(SERVER)?)),
    };
    let by_hand = Arc::new(by_hand);
    Ok(Sides { database, ours, by_hand: Stores { tokens: by_hand.clone(), sessions: by_hand } })
}
