//! SQLite's calls block, and never on the runtime's own thread.

use std::time::{Duration, Instant};

use diesel::SqliteConnection;
use diesel::connection::{Connection as _, SimpleConnection as _};
use iampass_core::UserToken;
use iampass_core::port::UserKey;

use crate::nodes::sqlite;
use crate::tables::{Keys, Tables};

/// A call on the runtime's own thread would stop it for the 5 s that SQLite waits for a lock.
const STOOD_STILL: Duration = Duration::from_millis(1_500);

/// The longest time between two ticks while something goes on.
async fn longest_gap(until: impl Future<Output = ()>) -> Duration {
    let mut longest = Duration::ZERO;
    let mut last = Instant::now();
    let mut until = std::pin::pin!(until);
    let mut ticks = tokio::time::interval(Duration::from_millis(5));
    loop {
        tokio::select! {
            () = &mut until => return longest,
            _ = ticks.tick() => {
                longest = longest.max(last.elapsed());
                last = Instant::now();
            }
        }
    }
}

#[tokio::test(flavor = "current_thread")]
async fn the_runtime_goes_on_while_sqlite_waits_for_a_lock() {
    let nodes = sqlite().unwrap();
    let tables = Tables::new(&nodes, Keys::I64).await;
    tables.add_user("1").await.unwrap();
    let mut holder = SqliteConnection::establish(&nodes.url).unwrap();
    holder.batch_execute("BEGIN IMMEDIATE").unwrap();
    let store = tables.tokens(0);
    let call =
        tokio::spawn(async move { store.assign(&UserKey::from(1), &UserToken::new("a").unwrap()).await });
    let gap = longest_gap(tokio::time::sleep(Duration::from_millis(500))).await;
    assert!(!call.is_finished(), "the lock holds nobody");
    assert!(gap < STOOD_STILL, "the runtime stood still for {gap:?}");
    holder.batch_execute("COMMIT").unwrap();
    call.await.unwrap().unwrap();
}

/// The library itself would wait for the statement here, or panic.
#[tokio::test(flavor = "current_thread")]
async fn the_runtime_goes_on_when_such_a_call_is_dropped() {
    let nodes = sqlite().unwrap();
    let tables = Tables::new(&nodes, Keys::I64).await;
    tables.add_user("1").await.unwrap();
    let mut holder = SqliteConnection::establish(&nodes.url).unwrap();
    holder.batch_execute("BEGIN IMMEDIATE").unwrap();
    let (store, anna, token) = (tables.tokens(0), UserKey::from(1), UserToken::new("a").unwrap());
    let gap = longest_gap(async {
        let cut = tokio::time::timeout(Duration::from_millis(200), store.assign(&anna, &token)).await;
        assert!(cut.is_err(), "the lock holds nobody");
        tokio::time::sleep(Duration::from_millis(200)).await;
    })
    .await;
    assert!(gap < STOOD_STILL, "the runtime stood still for {gap:?}");
    holder.batch_execute("COMMIT").unwrap();
    assert_eq!(store.assign(&anna, &token).await.unwrap(), token);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(tables.tokens(1).user_for(&token).await.unwrap(), Some(anna));
}

/// A program that ends while a call waits.
#[test]
fn a_runtime_can_end_in_the_middle_of_a_call() {
    for threads in [1, 2] {
        let runtime = match threads {
            1 => tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
            _ => tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap(),
        };
        let (nodes, tables, call) = runtime.block_on(async {
            let nodes = sqlite().unwrap();
            let tables = Tables::new(&nodes, Keys::I64).await;
            tables.add_user("1").await.unwrap();
            let mut lock = SqliteConnection::establish(&nodes.url).unwrap();
            lock.batch_execute("BEGIN IMMEDIATE").unwrap();
            let store = tables.tokens(0);
            let call =
                tokio::spawn(
                    async move { store.assign(&UserKey::from(1), &UserToken::new("a").unwrap()).await },
                );
            tokio::time::sleep(Duration::from_millis(100)).await;
            assert!(!call.is_finished(), "the lock holds nobody");
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(300));
                drop(lock);
            });
            (nodes, tables, call)
        });
        drop(runtime);
        drop((nodes, tables, call));
    }
}
