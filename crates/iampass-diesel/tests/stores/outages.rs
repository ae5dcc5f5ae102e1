//! The server goes and comes back.

use std::time::Duration;

use diesel_async::SimpleAsyncConnection as _;
use iampass_core::UserToken;
use iampass_core::port::{StoreErrorKind, UserKey};
use iampass_diesel::DieselConnection;
use iampass_test_databases::{PrivateMariadb, PrivatePostgres, Tls};

use crate::nodes::{Nodes, mysql_pool, on_mysql, on_postgres, postgres_pool};
use crate::tables::{Keys, Tables};

/// The answers of the stores while the server is away, between calls and in the middle of one, and after it came back.
async fn goes_and_comes_back<C: DieselConnection>(
    nodes: Nodes<C>,
    lock: impl AsyncFnOnce(String),
    mut server: impl FnMut(&str) + Send + 'static,
) {
    let tables = Tables::new(&nodes, Keys::I64).await;
    tables.add_user("1").await.unwrap();
    let (anna, first, second) =
        (UserKey::from(1), UserToken::new("first").unwrap(), UserToken::new("second").unwrap());
    let store = tables.tokens(0);
    store.assign(&anna, &first).await.unwrap();

    // In the middle: it waits for a lock that somebody else has.
    lock(tables.schema.tokens_table()).await;
    let (waiting, key, token) = (store.clone(), anna.clone(), second.clone());
    let waiting = tokio::spawn(async move { waiting.rotate(&key, &token).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!waiting.is_finished(), "the lock holds nobody");
    let mut server = tokio::task::spawn_blocking(move || {
        server("stop");
        server
    })
    .await
    .unwrap();
    let error = waiting.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{:?}", std::error::Error::source(&error));
    assert!(error.is_retryable());

    // Between calls.
    for _ in 0..3 {
        let error = store.token_for(&anna).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{:?}", std::error::Error::source(&error));
        assert_eq!(store.remove(&anna).await.unwrap_err().kind(), StoreErrorKind::Unavailable);
    }

    let _server = tokio::task::spawn_blocking(move || {
        server("start");
        server
    })
    .await
    .unwrap();
    for node in 0..2 {
        let found = tables.tokens(node).token_for(&anna).await.unwrap();
        assert_eq!(found, Some(first.clone()), "what was acknowledged is there, and nothing else");
    }
    store.rotate(&anna, &second).await.unwrap();
    assert_eq!(store.user_for(&second).await.unwrap(), Some(anna));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql() {
    let Some(mut server) = PrivatePostgres::start(Tls::Off) else { return };
    let database = server.database();
    let url = database.url().to_owned();
    let holder = postgres_pool(&url, 1);
    let mut holder = holder.get().await.unwrap();
    let lock = async |tokens| holder.batch_execute(&format!("BEGIN; LOCK TABLE {tokens}")).await.unwrap();
    goes_and_comes_back(on_postgres(&url, database), lock, move |what| match what {
        "stop" => server.stop(),
        _ => server.start_again(),
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mariadb() {
    let Some(mut server) = PrivateMariadb::start() else { return };
    let database = server.database();
    let url = database.url().to_owned();
    let holder = mysql_pool(&url, 1);
    let mut holder = holder.get().await.unwrap();
    let lock = async |tokens| {
        holder.batch_execute(&format!("BEGIN; SELECT * FROM {tokens} FOR UPDATE")).await.unwrap();
    };
    goes_and_comes_back(on_mysql(&url, database), lock, move |what| match what {
        "stop" => server.stop(),
        _ => server.start_again(),
    })
    .await;
}
