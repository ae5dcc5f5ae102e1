//! A server that falls silent: it keeps its connections, and answers nothing.

use std::time::{Duration, Instant};

use diesel_async::SimpleAsyncConnection as _;
use iampass_core::UserToken;
use iampass_core::port::{StoreError, StoreErrorKind, TokenStore as _, UserKey};
use iampass_diesel::{DieselConnection, DieselDatabase, TimeLimits};
use iampass_test_databases::Forwarder;

use crate::nodes::{Nodes, mysql, mysql_pool, on_mysql, on_postgres, postgres, postgres_pool};
use crate::tables::{Keys, Tables};

const LIMIT: Duration = Duration::from_secs(1);
/// More than a limit and a wait for a connection take, or two waits where one is tried again. Less than for ever.
const BOUND: Duration = Duration::from_secs(4);

fn limited<C: DieselConnection>(database: &DieselDatabase<C>) -> DieselDatabase<C> {
    let limits = TimeLimits::default().with_statement(LIMIT).with_migration(LIMIT);
    database.clone().with_patience(LIMIT).with_time_limits(limits)
}

async fn in_bound<T>(call: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreErrorKind> {
    let began = Instant::now();
    let called = tokio::time::timeout(Duration::from_secs(20), call).await.expect("it has no end");
    assert!(began.elapsed() < BOUND, "it took {:?}", began.elapsed());
    called.map_err(|error| {
        assert!(error.is_retryable(), "{error:?}");
        error.kind()
    })
}

/// `behind` are nodes behind the forwarder, on the database of `direct`.
async fn falls_silent<C: DieselConnection>(
    direct: Nodes<C>,
    behind: Nodes<C>,
    forwarder: Forwarder,
    lock: impl AsyncFnOnce(&str),
    unlock: impl AsyncFnOnce(),
) {
    let tables = Tables::new(&direct, Keys::I64).await;
    tables.add_user("1").await.unwrap();
    let (anna, token) = (UserKey::from(1), UserToken::new("first").unwrap());
    let stores = [0, 1].map(|node| limited(&behind.databases[node]).token_store(&tables.schema));
    // Several connections each, so that there are some that are free.
    for store in &stores {
        let warm = (0..4).map(|_| store.token_for(&anna));
        futures_util::future::join_all(warm).await;
        store.assign(&anna, &token).await.unwrap();
    }

    // In the middle of a change, which waits for a lock.
    lock(&tables.schema.tokens_table()).await;
    let (store, key) = (limited(&behind.databases[0]).token_store(&tables.schema), anna.clone());
    let second = UserToken::new("second").unwrap();
    let changing = tokio::spawn(async move { in_bound(store.rotate(&key, &second)).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!changing.is_finished(), "the lock holds nobody");
    forwarder.freeze();
    unlock().await;
    // It may have been made: the lock was let go.
    assert_eq!(changing.await.unwrap().unwrap_err(), StoreErrorKind::NoAnswer);
    // A connection that is not looked at before it is used.
    let asked = in_bound(stores[1].token_for(&anna)).await;
    assert_eq!(asked.unwrap_err(), StoreErrorKind::NoAnswer);
    for store in &stores {
        assert_eq!(in_bound(store.token_for(&anna)).await.unwrap_err(), StoreErrorKind::Unavailable);
    }
    let migrated = in_bound(limited(&behind.databases[0]).migrate(&tables.schema)).await;
    assert_eq!(migrated.unwrap_err(), StoreErrorKind::Unavailable);

    // Connections from before stay silent, so these are new ones.
    forwarder.thaw();
    for store in &stores {
        for _ in 0..5 {
            assert!(in_bound(store.token_for(&anna)).await.unwrap().is_some());
        }
    }
}

macro_rules! falls_silent {
    ($name:ident, $nodes:ident, $on:ident, $pool:ident, $options:literal, $lock:literal) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let Some(direct) = $nodes() else { return };
            let forwarder = Forwarder::to(&direct.url);
            let behind = $on(&format!("{}{}", forwarder.url(), $options), ());
            let mut holder = $pool(&direct.url, 1).get().await.unwrap();
            let holder = tokio::sync::Mutex::new(&mut *holder);
            let lock = async |tokens: &str| {
                let script = format!($lock, tokens);
                holder.lock().await.batch_execute(&script).await.unwrap();
            };
            let unlock = async || holder.lock().await.batch_execute("COMMIT").await.unwrap();
            falls_silent(direct.clone(), behind, forwarder, lock, unlock).await;
        }
    };
}

falls_silent!(postgresql, postgres, on_postgres, postgres_pool, "", "BEGIN; LOCK TABLE {}");
falls_silent!(
    mariadb,
    mysql,
    on_mysql,
    mysql_pool,
    // Without it the driver leaves the forwarder for the socket of a server on the same machine.
    "?prefer_socket=false",
    "BEGIN; SELECT * FROM {} FOR UPDATE"
);

/// A migration waits for the lock of the users table, and the server falls silent meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_the_middle_of_a_migration() {
    let Some(direct) = postgres() else { return };
    let forwarder = Forwarder::to(&direct.url);
    let behind = on_postgres(forwarder.url(), ());
    let tables = Tables::users_only(&direct, Keys::I64).await;
    let holder = postgres_pool(&direct.url, 1);
    let mut holder = holder.get().await.unwrap();
    holder.batch_execute(&format!("BEGIN; LOCK TABLE {}", tables.users)).await.unwrap();
    let (node, schema) = (limited(&behind.databases[0]), tables.schema.clone());
    let migrating = tokio::spawn(async move { in_bound(node.migrate(&schema)).await });
    tokio::time::sleep(Duration::from_millis(500)).await;
    forwarder.freeze();
    assert_eq!(migrating.await.unwrap().unwrap_err(), StoreErrorKind::NoAnswer);
    forwarder.thaw();
    holder.batch_execute("COMMIT").await.unwrap();
    // The server still has the former one, until it sees that its connection is gone.
    direct.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'").await;
    let began = Instant::now();
    while limited(&behind.databases[0]).migrate(&tables.schema).await.is_err() {
        assert!(began.elapsed() < BOUND);
    }
}
