//! Faults with a single caller: each is an error that says what to do.

use std::time::Duration;

use iampass_core::UserToken;
use iampass_core::port::{StoreError, StoreErrorKind, TokenStore as _, UserKey};
use iampass_diesel::{DieselConnection, DieselDatabase, Schema};

use crate::nodes::{Nodes, mysql, mysql_pool, on_sqlite, postgres, postgres_pool, sqlite, sqlite_pool};
use crate::on_each_database;
use crate::tables::{Keys, Tables};

fn token(text: &str) -> UserToken {
    UserToken::new(text).unwrap()
}

#[track_caller]
fn assert_kind<T: std::fmt::Debug>(result: Result<T, StoreError>, kind: StoreErrorKind) {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), kind, "{:?}", std::error::Error::source(&error));
}

async fn each_mistake_has_its_name<C: DieselConnection>(nodes: Nodes<C>) {
    let tables = Tables::new(&nodes, Keys::I64).await;
    let store = tables.tokens(0);
    for user in ["1", "2"] {
        tables.add_user(user).await.unwrap();
    }
    let (anna, bert, nobody) = (UserKey::from(1), UserKey::from(2), UserKey::from(3));
    store.assign(&anna, &token("a")).await.unwrap();
    assert_kind(store.assign(&bert, &token("a")).await, StoreErrorKind::Conflict);
    assert_kind(store.rotate(&bert, &token("a")).await, StoreErrorKind::Conflict);
    assert_kind(store.assign(&nobody, &token("n")).await, StoreErrorKind::UnknownUser);
    assert_kind(store.rotate(&nobody, &token("n")).await, StoreErrorKind::UnknownUser);
    assert_kind(store.token_for(&UserKey::from("x")).await, StoreErrorKind::InvalidKey);

    let schema = Schema::default().with_names("not_there", "nor_this").unwrap();
    let store = nodes.databases[0].token_store(&schema);
    for _ in 0..2 {
        assert_kind(store.token_for(&anna).await, StoreErrorKind::NotMigrated);
        assert_kind(store.assign(&anna, &token("b")).await, StoreErrorKind::NotMigrated);
        assert_kind(store.remove(&anna).await, StoreErrorKind::NotMigrated);
    }
}

on_each_database!(each_mistake_has_its_name);

macro_rules! a_pool_that_is_exhausted_says_so {
    ($name:ident, $nodes:ident, $pool:ident) => {
        #[tokio::test]
        async fn $name() {
            let Some(nodes) = $nodes() else { return };
            let tables = Tables::new(&nodes, Keys::I64).await;
            let pool = $pool(&nodes.url, 1);
            let database = DieselDatabase::new(pool.clone()).with_patience(Duration::from_millis(100));
            let store = database.token_store(&tables.schema);
            let taken = pool.get().await.unwrap();
            let error = store.token_for(&UserKey::from(1)).await.unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::PoolExhausted);
            assert!(error.is_retryable());
            drop(taken);
            assert!(store.token_for(&UserKey::from(1)).await.unwrap().is_none());
        }
    };
}

a_pool_that_is_exhausted_says_so!(exhausted_sqlite, sqlite, sqlite_pool);
a_pool_that_is_exhausted_says_so!(exhausted_postgres, postgres, postgres_pool);
a_pool_that_is_exhausted_says_so!(exhausted_mysql, mysql, mysql_pool);

/// Somebody listens and never answers: that is not the pool's fault.
#[tokio::test]
async fn a_server_that_says_nothing_is_unavailable() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://postgres@{}/app", silent.local_addr().unwrap());
    let database = DieselDatabase::new(postgres_pool(&url, 2)).with_patience(Duration::from_millis(100));
    let found = database.token_store(&Schema::default()).token_for(&UserKey::from(1)).await;
    assert_kind(found, StoreErrorKind::Unavailable);
}

#[tokio::test]
async fn a_file_that_cannot_be_opened_is_unavailable() {
    let nodes = on_sqlite("/nowhere/app.db", ());
    let found = nodes.databases[0].token_store(&Schema::default()).token_for(&UserKey::from(1)).await;
    assert_kind(found, StoreErrorKind::Unavailable);
}

#[test]
fn without_a_runtime_there_is_an_error_and_no_panic() {
    let nodes = on_sqlite(":memory:", ());
    let store = nodes.databases[0].token_store(&Schema::default());
    let (waker, key) = (std::task::Waker::noop(), UserKey::from(1));
    let mut call = store.token_for(&key);
    let polled = call.as_mut().poll(&mut std::task::Context::from_waker(waker));
    assert!(matches!(polled, std::task::Poll::Ready(Err(error)) if error.kind() == StoreErrorKind::Other));
}

/// A server that does not write at present: no call is lost for good, and a connection to it is not kept.
async fn a_database_that_is_read_only<C: DieselConnection>(nodes: Nodes<C>, turn: [&str; 2]) {
    let tables = Tables::new(&nodes, Keys::I64).await;
    tables.add_user("1").await.unwrap();
    let (pool, anna) = (&nodes.databases[1], UserKey::from(1));
    nodes.sql(turn[0]).await;
    let store = pool.token_store(&tables.schema);
    let error = store.assign(&anna, &token("a")).await.unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
    assert_kind::<()>(Err(error), StoreErrorKind::Unavailable);
    nodes.sql(turn[1]).await;
    assert_eq!(store.assign(&anna, &token("a")).await.unwrap(), token("a"), "by another connection");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn read_only_postgres() {
    let Some(nodes) = postgres() else { return };
    let turn = |to: &str| {
        format!(
            "BEGIN READ WRITE; DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = {to}', \
             current_database()); END $$; COMMIT"
        )
    };
    a_database_that_is_read_only(nodes, [&turn("on"), &turn("off")]).await;
}

/// A statement that takes too long is worth another try.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_that_takes_too_long_postgres() {
    let Some(nodes) = postgres() else { return };
    let tables = Tables::new(&nodes, Keys::I64).await;
    tables.add_user("1").await.unwrap();
    let impatient = format!("{}?options=-c%20statement_timeout%3D200ms", nodes.url);
    let store = DieselDatabase::new(postgres_pool(&impatient, 1)).token_store(&tables.schema);
    let holder = postgres_pool(&nodes.url, 1);
    let mut holder = holder.get().await.unwrap();
    let lock = format!("BEGIN; LOCK TABLE {}", tables.schema.tokens_table());
    diesel_async::SimpleAsyncConnection::batch_execute(&mut *holder, &lock).await.unwrap();
    assert_kind(store.assign(&UserKey::from(1), &token("a")).await, StoreErrorKind::Busy);
}

/// MariaDB says 1290 to a change while it is read-only, and 1969 to a statement that takes too long.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mariadb_that_does_not_write_or_does_not_wait() {
    // One of its own: the option holds for all databases of a server.
    let Some(server) = iampass_test_databases::PrivateMariadb::start() else { return };
    let database = server.database();
    let (url, application) = (database.url().to_owned(), mysql_account(&database));
    let nodes = crate::nodes::on_mysql(&url, database);
    let tables = Tables::new(&nodes, Keys::I64).await;
    tables.add_user("1").await.unwrap();
    let store = DieselDatabase::new(mysql_pool(&application, 1)).token_store(&tables.schema);
    let anna = UserKey::from(1);
    store.assign(&anna, &token("a")).await.unwrap();

    nodes.sql("SET GLOBAL read_only = 1").await;
    let error = store.rotate(&anna, &token("b")).await.unwrap_err();
    assert!(said(&error).contains("--read-only"), "{error:?}");
    assert!(error.is_retryable(), "{error:?}");
    assert_kind::<()>(Err(error), StoreErrorKind::Unavailable);
    assert_eq!(store.token_for(&anna).await.unwrap(), Some(token("a")), "it can be read");
    nodes.sql("SET GLOBAL read_only = 0").await;
    store.rotate(&anna, &token("b")).await.unwrap();

    nodes.sql("SET GLOBAL max_statement_time = 0.3").await;
    let impatient = DieselDatabase::new(mysql_pool(&application, 1)).token_store(&tables.schema);
    let holder = mysql_pool(&url, 1);
    let mut holder = holder.get().await.unwrap();
    let lock = format!(
        "SET max_statement_time = 0; BEGIN; SELECT * FROM {} FOR UPDATE",
        tables.schema.tokens_table()
    );
    diesel_async::SimpleAsyncConnection::batch_execute(&mut *holder, &lock).await.unwrap();
    let error = impatient.rotate(&anna, &token("c")).await.unwrap_err();
    assert!(said(&error).contains("max_statement_time"), "{error:?}");
    assert!(error.is_retryable(), "{error:?}");
    assert_kind::<()>(Err(error), StoreErrorKind::Busy);
    diesel_async::SimpleAsyncConnection::batch_execute(&mut *holder, "COMMIT").await.unwrap();
    impatient.rotate(&anna, &token("c")).await.unwrap();
}

/// The URL of an account without the rights of an administrator, whom a read-only server lets write.
fn mysql_account(database: &iampass_test_databases::Database) -> String {
    database
        .sql(
            "CREATE USER application@'127.0.0.1'; CREATE USER application@localhost;
             GRANT SELECT, INSERT, UPDATE, DELETE, LOCK TABLES ON *.* TO application@'127.0.0.1';
             GRANT SELECT, INSERT, UPDATE, DELETE, LOCK TABLES ON *.* TO application@localhost",
        )
        .unwrap();
    let (_, place) = database.url().split_once('@').unwrap();
    format!("mysql://application@{place}")
}

fn said(error: &StoreError) -> String {
    std::error::Error::source(error).map(ToString::to_string).unwrap_or_default()
}
