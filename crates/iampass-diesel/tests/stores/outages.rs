//! The server goes and comes back.

use std::time::Duration;

use diesel_async::SimpleAsyncConnection as _;
use iampass_core::UserToken;
use iampass_core::port::{StoreErrorKind, UserKey};
use iampass_diesel::DieselConnection;
use iampass_test_databases::{PrivateMariadb, PrivatePostgres, Tls};

use crate::nodes::{Nodes, mysql_pool, on_mysql, on_postgres, postgres_pool};
use crate::tables::{Keys, Tables};

/// What the stores say while the server is away, between calls and in the middle of one, and after it came back.
async fn goes_and_comes_back<C: DieselConnection>(
    nodes: Nodes<C>,
    holder: impl Future<Output = ()>,
    mut server: impl FnMut(&str) + Send + 'static,
) {
    let tables = Tables::new(&nodes, Keys::I64).await;
    tables.add_user("1").await.unwrap();
    let (anna, first, second) =
        (UserKey::from(1), UserToken::new("first").unwrap(), UserToken::new("second").unwrap());
    let store = tables.tokens(0);
    store.assign(&anna, &first).await.unwrap();

    // In the middle: it waits for a lock that somebody else has.
    holder.await;
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

/// Locks the first table of the database that is named `tokens_…`.
const LOCK_TOKENS_POSTGRES: &str = "DO $$ BEGIN EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', \
     (SELECT tablename FROM pg_tables WHERE tablename LIKE 'tokens%')); END $$";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql() {
    let Some(mut server) = PrivatePostgres::start(Tls::Off) else { return };
    let database = server.database();
    let url = database.url().to_owned();
    let nodes = on_postgres(&url, database);
    let pool = postgres_pool(&url, 1);
    let holder = async {
        let mut holder = pool.get().await.unwrap();
        holder.batch_execute("BEGIN").await.unwrap();
        holder.batch_execute(LOCK_TOKENS_POSTGRES).await.unwrap();
        std::mem::forget(holder);
    };
    goes_and_comes_back(nodes, holder, move |what| match what {
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
    let nodes = on_mysql(&url, database);
    let pool = mysql_pool(&url, 1);
    let tokens = nodes.clone();
    let holder = async move {
        let mut holder = pool.get().await.unwrap();
        // In a transaction of its own each table name would have to be known.
        let lock = "BEGIN NOT ATOMIC SET @t = (SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() \
             AND table_name LIKE 'tokens%'); EXECUTE IMMEDIATE CONCAT('SELECT * FROM ', @t, ' FOR UPDATE'); END";
        holder.batch_execute("BEGIN").await.unwrap();
        holder.batch_execute(lock).await.unwrap();
        std::mem::forget(holder);
        drop(tokens);
    };
    goes_and_comes_back(nodes, holder, move |what| match what {
        "stop" => server.stop(),
        _ => server.start_again(),
    })
    .await;
}
