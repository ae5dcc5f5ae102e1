//! A server that falls silent: it keeps its connections, and answers nothing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use iampass_core::UserToken;
use iampass_core::port::{StoreError, StoreErrorKind, TokenStore as _, UserKey};
use iampass_sea_orm::{SeaOrmDatabase, TimeLimits};
use iampass_test_databases::Forwarder;
use sea_orm::{ConnectionTrait as _, TransactionTrait as _};

use crate::application::{Application, Keys};
use crate::place::{Kind, Place, connect};

const LIMIT: Duration = Duration::from_secs(1);
/// More than a limit and a wait for a connection take, or two waits where one is tried again. Less than for ever.
const BOUND: Duration = Duration::from_secs(4);

async fn behind(forwarder: &Forwarder) -> SeaOrmDatabase {
    let pool = connect(forwarder.url(), |options| {
        options.max_connections(4).acquire_timeout(LIMIT);
    });
    let limits = TimeLimits::default().with_statement(LIMIT).with_migration(LIMIT);
    SeaOrmDatabase::new(pool.await).with_time_limits(limits)
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

async fn falls_silent(kind: Kind) {
    let Some(place) = Place::open(kind).await.map(Arc::new) else { return };
    let application = Application::new(&place, Keys::I64).await;
    application.add_user(&UserKey::from(1)).await;
    let forwarder = Forwarder::to(place.url());
    let node = behind(&forwarder).await;
    let store = node.token_store(&application.schema);
    let (anna, first, second) =
        (UserKey::from(1), UserToken::new("first").unwrap(), UserToken::new("second").unwrap());
    store.assign(&anna, &first).await.unwrap();

    // Changes that wait for a lock, in all connections but one. Some callers go away.
    let held = place.pool().begin().await.unwrap();
    let table = application.schema.tokens_table();
    held.execute_unprepared(&format!("UPDATE {table} SET created_at = CURRENT_TIMESTAMP")).await.unwrap();
    let changing: Vec<_> = (0..3)
        .map(|_| {
            let (store, anna, second) = (node.token_store(&application.schema), anna.clone(), second.clone());
            tokio::spawn(async move { in_bound(store.rotate(&anna, &second)).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    forwarder.freeze();
    held.commit().await.unwrap();
    for (number, changing) in changing.into_iter().enumerate() {
        if number == 0 {
            changing.abort();
            assert!(changing.await.unwrap_err().is_cancelled());
        } else {
            // It may have been made: the lock was let go.
            assert_eq!(changing.await.unwrap().unwrap_err(), StoreErrorKind::NoAnswer, "{kind:?}");
        }
    }
    for _ in 0..3 {
        let asked = in_bound(store.token_for(&anna)).await.unwrap_err();
        assert_eq!(asked, StoreErrorKind::Unavailable, "{kind:?}");
    }
    let migrated = in_bound(node.migrate(&application.schema)).await.unwrap_err();
    assert!([StoreErrorKind::Unavailable, StoreErrorKind::NoAnswer].contains(&migrated), "{migrated:?}");

    // Connections from before stay silent, so these are new ones; and as many as before.
    forwarder.thaw();
    let crowd: Vec<_> = (0..40)
        .map(|_| {
            let (store, anna) = (node.token_store(&application.schema), anna.clone());
            tokio::spawn(async move { in_bound(store.token_for(&anna)).await })
        })
        .collect();
    for asked in crowd {
        assert!(asked.await.unwrap().unwrap().is_some(), "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql() {
    falls_silent(Kind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mariadb() {
    falls_silent(Kind::Mariadb).await;
}

/// A migration waits for the lock of the users table, and the server falls silent meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn in_the_middle_of_a_migration() {
    let Some(place) = Place::open(Kind::Postgres).await.map(Arc::new) else { return };
    let application = Application::without_tables(&place, Keys::I64).await;
    let forwarder = Forwarder::to(place.url());
    let node = behind(&forwarder).await;
    let held = place.pool().begin().await.unwrap();
    held.execute_unprepared(&format!("LOCK TABLE {}", application.users())).await.unwrap();
    let (migrating, schema) = (node.clone(), application.schema.clone());
    let migrating = tokio::spawn(async move { in_bound(migrating.migrate(&schema)).await });
    tokio::time::sleep(Duration::from_millis(500)).await;
    forwarder.freeze();
    assert_eq!(migrating.await.unwrap().unwrap_err(), StoreErrorKind::NoAnswer);
    forwarder.thaw();
    held.commit().await.unwrap();
    // The server still has the former one, until it sees that its connection is gone.
    place.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'").await;
    let began = Instant::now();
    while node.migrate(&application.schema).await.is_err() {
        assert!(began.elapsed() < BOUND);
    }
}
