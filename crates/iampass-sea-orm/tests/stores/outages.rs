//! A server that goes away and comes back. Belongs here: servers of a test's own. Does not belong here: what fails while it is there.

use std::future::Future;
use std::time::{Duration, Instant};

use iampass_core::UserToken;
use iampass_core::port::{SessionStore as _, StoreError, StoreErrorKind, TokenStore as _, UserKey};
use iampass_sea_orm::{Schema, SeaOrmDatabase};
use iampass_test_databases::{Database, PrivateMariadb, PrivatePostgres, Tls};
use sea_orm::{ConnectionTrait as _, TransactionTrait as _};

use crate::place::connect;
use crate::sessions::{record, ring, server, session_token};

trait PrivateServer {
    fn database(&self) -> Database;
    fn stop(&mut self);
    fn start_again(&mut self);
}

impl PrivateServer for PrivatePostgres {
    fn database(&self) -> Database {
        self.database()
    }
    fn stop(&mut self) {
        self.stop();
    }
    fn start_again(&mut self) {
        self.start_again();
    }
}

impl PrivateServer for PrivateMariadb {
    fn database(&self) -> Database {
        self.database()
    }
    fn stop(&mut self) {
        self.stop();
    }
    fn start_again(&mut self) {
        self.start_again();
    }
}

fn assert_unavailable<T: std::fmt::Debug>(result: Result<T, StoreError>) {
    let error = result.expect_err("the server was not there");
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
    assert!(error.is_retryable());
}

/// Runs a call while it takes away what the call waits for.
async fn meanwhile<T>(call: impl Future<Output = T>, take_away: impl FnOnce()) -> T {
    tokio::pin!(call);
    tokio::select! {
        _ = &mut call => panic!("it was to wait"),
        () = tokio::time::sleep(Duration::from_millis(500)) => {}
    }
    tokio::task::block_in_place(take_away);
    call.await
}

async fn outlives_its_server(mut private: impl PrivateServer) {
    let database = private.database();
    let pool = connect(database.url(), |options| {
        options.max_connections(3).acquire_timeout(Duration::from_secs(3));
    })
    .await;
    pool.execute_unprepared("CREATE TABLE users (id BIGINT NOT NULL PRIMARY KEY)").await.unwrap();
    pool.execute_unprepared("INSERT INTO users (id) VALUES (1)").await.unwrap();
    let node = SeaOrmDatabase::new(pool.clone());
    let schema = Schema::default();
    node.migrate(&schema).await.unwrap();
    let (tokens, sessions) = (node.token_store(&schema), node.session_store(&schema, ring(), server()));
    let (user, token) = (UserKey::from(1), UserToken::new("token").unwrap());
    tokens.assign(&user, &token).await.unwrap();
    sessions.create(&record("before")).await.unwrap();

    // Between two calls.
    private.stop();
    assert_unavailable(tokens.token_for(&user).await);
    assert_unavailable(sessions.create(&record("during")).await);
    // More of them than the pool has connections: nobody is told that those are in use.
    let crowd: Vec<_> = (0..20)
        .map(|_| {
            let tokens = node.token_store(&schema);
            tokio::spawn(async move { tokens.user_for(&UserToken::new("token").unwrap()).await })
        })
        .collect();
    for task in crowd {
        assert_unavailable(task.await.unwrap());
    }
    private.start_again();
    // The same stores, at once: broken connections in the pool are nobody's trouble.
    for _ in 0..5 {
        assert_eq!(tokens.token_for(&user).await.unwrap(), Some(token.clone()));
    }
    assert!(
        sessions.load(&session_token("before")).await.unwrap().is_some(),
        "what was acknowledged is there"
    );

    // In the middle of a call, which waits for a row that somebody else has.
    let held = pool.begin().await.unwrap();
    let table = schema.sessions_table();
    held.execute_unprepared(&format!("UPDATE {table} SET claims = claims")).await.unwrap();
    let began = Instant::now();
    assert_unavailable(meanwhile(sessions.delete(&session_token("before")), || private.stop()).await);
    assert!(began.elapsed() < Duration::from_secs(20));
    drop(held);
    private.start_again();
    assert!(sessions.load(&session_token("before")).await.unwrap().is_some());
    sessions.delete(&session_token("before")).await.unwrap();
    assert!(sessions.load(&session_token("before")).await.unwrap().is_none());

    // Gone and back while a call runs: the call does not even notice.
    let held = pool.begin().await.unwrap();
    held.execute_unprepared("UPDATE iampass_tokens SET created_at = CURRENT_TIMESTAMP").await.unwrap();
    let other = UserToken::new("other").unwrap();
    let back_at_once = || {
        private.stop();
        private.start_again();
    };
    meanwhile(tokens.rotate(&user, &other), back_at_once).await.unwrap();
    drop(held);
    assert_eq!(tokens.token_for(&user).await.unwrap(), Some(other));
    pool.close().await.unwrap();
    assert_unavailable(tokens.token_for(&user).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_is_stopped_and_comes_back() {
    let Some(private) = PrivatePostgres::start(Tls::Off) else { return };
    outlives_its_server(private).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mariadb_is_stopped_and_comes_back() {
    let Some(private) = PrivateMariadb::start() else { return };
    outlives_its_server(private).await;
}
