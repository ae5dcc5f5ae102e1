//! Others hold what is wanted: too long, in a circle, or in a crowd.

use std::time::Duration;

use diesel::ConnectionError;
use diesel::connection::SimpleConnection as _;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig};
use diesel_async::{AsyncConnection, SimpleAsyncConnection};
use futures_util::FutureExt as _;
use iampass_core::UserToken;
use iampass_core::port::{StoreErrorKind, TokenStore as _, UserKey};
use iampass_diesel::DieselDatabase;

use crate::nodes::{Sqlite, mysql, mysql_pool, on_postgres, postgres, postgres_pool, sqlite};
use crate::tables::{Keys, Tables};

fn token(text: &str) -> UserToken {
    UserToken::new(text).unwrap()
}

/// Connections that start with this.
fn with_setup<C: AsyncConnection + SimpleAsyncConnection + 'static>(setup: &'static str) -> ManagerConfig<C> {
    let mut config = ManagerConfig::default();
    config.custom_setup = Box::new(move |url| {
        let url = url.to_owned();
        async move {
            let mut connection = C::establish(&url).await?;
            connection.batch_execute(setup).await.map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok(connection)
        }
        .boxed()
    });
    config
}

macro_rules! a_lock_held_for_too_long {
    ($name:ident, $nodes:ident, $connection:ty, $setup:literal, $lock:expr) => {
        #[tokio::test]
        async fn $name() {
            let Some(nodes) = $nodes() else { return };
            let tables = Tables::new(&nodes, Keys::I64).await;
            tables.add_user("1").await.unwrap();
            tables.tokens(0).assign(&UserKey::from(1), &token("a")).await.unwrap();
            let manager =
                AsyncDieselConnectionManager::<$connection>::new_with_config(&nodes.url, with_setup($setup));
            let pool = Pool::builder(manager).max_size(2).build().unwrap();
            let store = DieselDatabase::new(pool.clone()).token_store(&tables.schema);

            let mut holder = pool.get().await.unwrap();
            let lock: fn(&str) -> String = $lock;
            holder.batch_execute(&lock(&tables.schema.tokens_table())).await.unwrap();
            let error = store.rotate(&UserKey::from(1), &token("b")).await.unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Busy, "{:?}", std::error::Error::source(&error));
            assert!(error.is_retryable());
            holder.batch_execute("ROLLBACK").await.unwrap();
            store.rotate(&UserKey::from(1), &token("b")).await.unwrap();
        }
    };
}

a_lock_held_for_too_long!(too_long_on_sqlite, sqlite, Sqlite, "PRAGMA busy_timeout = 100", |_| {
    "BEGIN IMMEDIATE".to_owned()
});
a_lock_held_for_too_long!(
    too_long_on_postgres,
    postgres,
    diesel_async::AsyncPgConnection,
    "SET lock_timeout = 100",
    |tokens| format!("BEGIN; LOCK TABLE {tokens}")
);
a_lock_held_for_too_long!(
    too_long_on_mysql,
    mysql,
    diesel_async::AsyncMysqlConnection,
    // In another language, so that it is the number which tells.
    "SET innodb_lock_wait_timeout = 1, lc_messages = 'de_DE'",
    |tokens| format!("BEGIN; SELECT * FROM {tokens} FOR UPDATE")
);

/// Somebody locks the user and then wants to give it a token; our own statement has given it one and wants the lock. It is ours that the
/// server gives up, and the caller does not see it.
#[tokio::test]
async fn a_deadlock_on_postgresql_is_tried_again() {
    let Some(server) = iampass_test_databases::postgres() else { return };
    let database = server.database();
    // Ours looks for a circle once, so long after it began to wait that the circle is there by then; the other one looks much later.
    let url = format!("{}?options=-c%20deadlock_timeout%3D5s", database.url());
    let nodes = on_postgres(&url, database);
    let tables = Tables::new(&nodes, Keys::I64).await;
    tables.add_user("1").await.unwrap();
    let (users, tokens) = (&tables.users, tables.schema.tokens_table());
    let mut other = postgres_pool(&nodes.url, 1).get().await.unwrap();
    let lock = format!("SET deadlock_timeout = '60s'; BEGIN; SELECT * FROM {users} FOR UPDATE");
    other.batch_execute(&lock).await.unwrap();
    let store = tables.tokens(0);
    let ours = tokio::spawn(async move { store.assign(&UserKey::from(1), &token("ours")).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    other
        .batch_execute(&format!("INSERT INTO {tokens} (user_id, token) VALUES (1, 'theirs'); COMMIT"))
        .await
        .unwrap();
    assert_eq!(ours.await.unwrap().unwrap(), token("theirs"));
}

/// The same on MariaDB, where the statement that has changed least is given up.
#[tokio::test]
async fn a_deadlock_on_mariadb_is_tried_again() {
    let Some(nodes) = mysql() else { return };
    let tables = Tables::new(&nodes, Keys::I64).await;
    tables.add_user("1").await.unwrap();
    let (users, tokens) = (&tables.users, tables.schema.tokens_table());
    let mut other = mysql_pool(&nodes.url, 1).get().await.unwrap();
    let more: Vec<String> = (100..150).map(|number| format!("({number})")).collect();
    let lock = format!(
        "BEGIN; INSERT INTO {users} VALUES {}; SELECT * FROM {tokens} WHERE user_id = 1 FOR UPDATE",
        more.join(", ")
    );
    other.batch_execute(&lock).await.unwrap();
    let store = tables.tokens(0);
    let ours = tokio::spawn(async move { store.assign(&UserKey::from(1), &token("ours")).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    other.batch_execute(&format!("SELECT * FROM {users} WHERE id = 1 FOR UPDATE")).await.unwrap();
    assert!(!ours.is_finished(), "it was given up, and waits again");
    other
        .batch_execute(&format!("INSERT INTO {tokens} (user_id, token) VALUES (1, 'theirs'); COMMIT"))
        .await
        .unwrap();
    assert_eq!(ours.await.unwrap().unwrap(), token("theirs"));
}

/// PostgreSQL refuses statements of a crowd rather than wait, when it was told so. No caller in the crowd sees it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_on_postgresql_that_serializes() {
    let Some(server) = iampass_test_databases::postgres() else { return };
    let database = server.database();
    let url = format!("{}?options=-c%20default_transaction_isolation%3Dserializable", database.url());
    let nodes = on_postgres(&url, database);
    let tables = Tables::new(&nodes, Keys::I64).await;
    for user in 0..10 {
        tables.add_user(&user.to_string()).await.unwrap();
    }
    for round in 0..3 {
        let tasks: Vec<_> = (0..50)
            .map(|number| {
                let store = tables.tokens(number % 2);
                tokio::spawn(async move {
                    let user = UserKey::from(i32::try_from(number % 5).unwrap());
                    let token = token(&format!("{round}-{number}"));
                    match number % 3 {
                        0 => store.assign(&user, &token).await.map(drop),
                        1 => store.rotate(&user, &token).await,
                        _ => store.token_for(&user).await.map(drop),
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
    }
}

/// A second process, so to speak, that holds SQLite's file in the middle of a migration.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_waits_for_sqlite_without_a_busy_timeout() {
    let nodes = sqlite().unwrap();
    nodes.sql("CREATE TABLE users (id INTEGER PRIMARY KEY)").await;
    let mut holder = <diesel::SqliteConnection as diesel::Connection>::establish(&nodes.url).unwrap();
    holder.batch_execute("BEGIN IMMEDIATE").unwrap();
    let manager = AsyncDieselConnectionManager::<Sqlite>::new(&nodes.url);
    let database = DieselDatabase::new(Pool::builder(manager).max_size(2).build().unwrap());
    let migrating = tokio::spawn(async move { database.migrate(&iampass_diesel::Schema::default()).await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!migrating.is_finished());
    holder.batch_execute("COMMIT").unwrap();
    migrating.await.unwrap().unwrap();
}
