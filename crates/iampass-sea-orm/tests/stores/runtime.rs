//! The async runtime: a driver that blocks does not run on its threads.

use std::sync::Arc;
use std::time::{Duration, Instant};

use iampass_core::UserToken;
use iampass_core::port::{TokenStore as _, UserKey};
use sea_orm::{SqliteTransactionMode, TransactionOptions, TransactionTrait as _};

use crate::application::{Application, Keys};
use crate::place::{Kind, Place};

/// One thread has all tasks. If it waited in SQLite, no clock would tick.
#[tokio::test(flavor = "current_thread")]
async fn the_runtime_goes_on_while_sqlite_waits_for_a_lock() {
    let place = Arc::new(Place::open(Kind::Sqlite).await.unwrap());
    let application = Application::new(&place, Keys::I64).await;
    application.add_user(&UserKey::from(1)).await;
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let held = place.node(1).connection().begin_with_options(options).await.unwrap();
    let waiting = tokio::spawn(async move {
        application.tokens(0).assign(&UserKey::from(1), &UserToken::new("a").unwrap()).await
    });
    let mut longest = Duration::ZERO;
    let mut last = Instant::now();
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        longest = longest.max(last.elapsed());
        last = Instant::now();
    }
    assert!(!waiting.is_finished(), "it was to wait for the lock");
    // SQLite waits for the lock for 30 s.
    assert!(longest < Duration::from_secs(5), "the clock stood still for {longest:?}");
    held.rollback().await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap().as_str(), "a");
}
