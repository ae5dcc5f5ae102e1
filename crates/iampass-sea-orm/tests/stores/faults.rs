//! Faults while the database is reachable: each with the error that says what to do. Outages are in [`crate::outages`].

use std::sync::Arc;
use std::time::{Duration, Instant};

use iampass_core::UserToken;
use iampass_core::port::{SessionStore as _, StoreError, StoreErrorKind, TokenStore as _, UserKey};
use iampass_sea_orm::{KeyRing, SealingKey};
use sea_orm::ConnectionTrait as _;
use sea_orm::{ConnectOptions, SqliteTransactionMode, TransactionOptions, TransactionTrait as _};

use crate::application::{Application, Keys};
use crate::place::{ALL, Kind, Place};
use crate::sessions::{record, server, session_token};

async fn place(kind: Kind, change: impl Fn(&mut ConnectOptions)) -> Option<Arc<Place>> {
    Place::open_with(kind, change).await.map(Arc::new)
}

fn token(text: &str) -> UserToken {
    UserToken::new(text).unwrap()
}

fn assert_kind<T: std::fmt::Debug>(result: Result<T, StoreError>, expected: StoreErrorKind, kind: Kind) {
    let error = result.expect_err("this was to fail");
    assert_eq!(error.kind(), expected, "{kind:?}: {error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_is_not_there() {
    for kind in ALL {
        let Some(place) = place(kind, |_| {}).await else { continue };
        let store = Application::new(&place, Keys::I64).await.tokens(0);
        assert_kind(store.assign(&UserKey::from(1), &token("a")).await, StoreErrorKind::UnknownUser, kind);
        assert_kind(store.rotate(&UserKey::from(1), &token("a")).await, StoreErrorKind::UnknownUser, kind);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_another_s_and_a_session_that_is_there() {
    for kind in ALL {
        let Some(place) = place(kind, |_| {}).await else { continue };
        let application = Application::new(&place, Keys::I64).await;
        let store = application.tokens(0);
        for user in [1, 2] {
            application.add_user(&UserKey::from(user)).await;
        }
        store.assign(&UserKey::from(1), &token("a")).await.unwrap();
        assert_kind(store.assign(&UserKey::from(2), &token("a")).await, StoreErrorKind::Conflict, kind);
        assert_kind(store.rotate(&UserKey::from(2), &token("a")).await, StoreErrorKind::Conflict, kind);
        let sessions = application.sessions(0);
        sessions.create(&record("s")).await.unwrap();
        assert_kind(application.sessions(1).create(&record("s")).await, StoreErrorKind::Conflict, kind);
    }
}

/// Names of users may be names of people, and the servers' own words repeat the values of a row that they refuse.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_not_repeated() {
    for kind in ALL {
        let Some(place) = place(kind, |_| {}).await else { continue };
        let application = Application::new(&place, Keys::Text).await;
        let store = application.tokens(0);
        for user in ["Anna", "Ben"] {
            application.add_user(&UserKey::from(user)).await;
            store.assign(&UserKey::from(user), &token(&format!("secret of {user}"))).await.unwrap();
        }
        application.sessions(0).create(&record("secret-session")).await.unwrap();
        let refused = [
            store.rotate(&UserKey::from("Anna"), &token("secret of Ben")).await.unwrap_err(),
            store.assign(&UserKey::from("Cleo"), &token("secret of Cleo")).await.unwrap_err(),
            application.sessions(0).create(&record("secret-session")).await.unwrap_err(),
        ];
        for error in refused {
            let source = std::error::Error::source(&error).map(ToString::to_string);
            let said = format!("{error} {error:?} {source:?}");
            for word in ["Anna", "Ben", "Cleo", "secret"] {
                assert!(!said.contains(word), "{kind:?}: {said}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_are_missing() {
    for kind in ALL {
        let Some(place) = place(kind, |_| {}).await else { continue };
        let application = Application::without_tables(&place, Keys::I64).await;
        let (user, expected) = (UserKey::from(1), StoreErrorKind::NotMigrated);
        let store = application.tokens(0);
        assert_kind(store.token_for(&user).await, expected, kind);
        assert_kind(store.rotate(&user, &token("a")).await, expected, kind);
        assert_kind(application.sessions(0).create(&record("s")).await, expected, kind);
        // The same store is good as soon as the tables are there.
        place.node(1).migrate(&application.schema).await.unwrap();
        assert!(store.token_for(&user).await.unwrap().is_none(), "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_sealed_with_a_key_that_is_not_in_the_ring() {
    for kind in ALL {
        let Some(place) = place(kind, |_| {}).await else { continue };
        let application = Application::new(&place, Keys::I64).await;
        application.sessions(0).create(&record("s")).await.unwrap();
        let other = KeyRing::new(SealingKey::new(&[8; 32]));
        let other = place.node(1).session_store(&application.schema, other, server());
        assert_kind(other.load(&session_token("s")).await, StoreErrorKind::Unreadable, kind);
        // With the old key it is read, and sealed anew.
        let both = KeyRing::new(SealingKey::new(&[8; 32])).with_old(SealingKey::new(&[7; 32]));
        let both = place.node(1).session_store(&application.schema, both, server());
        assert_eq!(both.reseal().await.unwrap().sessions, 1, "{kind:?}");
        let found = other.load(&session_token("s")).await.unwrap().unwrap();
        assert!(found.session.secret().matches("secret"), "{kind:?}");
    }
}

/// SQLite lets a column hold anything. Nothing of it is taken for a session or a user, and the others are not in its way.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_with_values_of_other_types_is_unreadable_and_in_nobody_s_way() {
    let place = place(Kind::Sqlite, |_| {}).await.unwrap();
    let application = Application::new(&place, Keys::I64).await;
    let (store, table) = (application.sessions(0), application.schema.sessions_table());
    for wrong in [
        "sealed_session = 17",
        "logout_due = 'soon'",
        "logout_due = x'00'",
        "started_at = 'then'",
        "claims = 'none'",
        "user_token = x'ff'",
    ] {
        for name in ["good", "wrong"] {
            store.create(&record(name)).await.unwrap();
        }
        place.sql(&format!("UPDATE {table} SET {wrong} WHERE token = 'wrong'")).await;
        assert_kind(store.load(&session_token("wrong")).await, StoreErrorKind::Unreadable, place.kind);
        let found = store.sessions_of(&token("user"), 10).await.unwrap();
        assert_eq!(found.len(), 1, "{wrong}");
        assert_eq!(found[0].session.token().as_str(), "good", "{wrong}");
        place.sql(&format!("DELETE FROM {table}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_whose_connections_are_all_in_use() {
    let one = |options: &mut ConnectOptions| {
        options.max_connections(1).acquire_timeout(Duration::from_secs(3));
    };
    for kind in ALL {
        let Some(place) = place(kind, one).await else { continue };
        let application = Application::new(&place, Keys::I64).await;
        let store = application.tokens(0);
        let in_use = place.pool().begin().await.unwrap();
        let error = store.token_for(&UserKey::from(1)).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::PoolExhausted, "{kind:?}: {error:?}");
        assert!(error.is_retryable());
        in_use.rollback().await.unwrap();
        assert!(store.token_for(&UserKey::from(1)).await.unwrap().is_none(), "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_somebody_holds_for_too_long() {
    let impatient = |options: &mut ConnectOptions| {
        options
            .map_sqlx_sqlite_opts(|sqlite| sqlite.busy_timeout(Duration::from_millis(300)))
            .map_sqlx_postgres_opts(|postgres| postgres.options([("lock_timeout", "300ms")]))
            .map_sqlx_mysql_pool_opts(|pool| {
                pool.after_connect(|connection, _| {
                    Box::pin(async move {
                        let shorter = "SET SESSION innodb_lock_wait_timeout = 1";
                        sea_orm::sqlx::query(shorter).execute(connection).await.map(|_| ())
                    })
                })
            });
    };
    for kind in ALL {
        let Some(place) = place(kind, impatient).await else { continue };
        let application = Application::new(&place, Keys::I64).await;
        let (user, table) = (UserKey::from(1), application.schema.tokens_table());
        application.add_user(&user).await;
        application.tokens(0).assign(&user, &token("a")).await.unwrap();
        // Another node changes the row and does not come to an end.
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let held = place.node(1).connection().begin_with_options(options).await.unwrap();
        held.execute_unprepared(&format!("UPDATE {table} SET created_at = CURRENT_TIMESTAMP")).await.unwrap();
        let started = Instant::now();
        let error = application.tokens(0).rotate(&user, &token("b")).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Busy, "{kind:?}: {error:?}");
        assert!(error.is_retryable());
        assert!(started.elapsed() < Duration::from_secs(10), "{kind:?}: a lock is waited for once");
        held.rollback().await.unwrap();
        application.tokens(0).rotate(&user, &token("b")).await.unwrap();
        assert_eq!(application.tokens(1).token_for(&user).await.unwrap(), Some(token("b")), "{kind:?}");
    }
}

/// Statements that meet are rolled back, by serialization failures in PostgreSQL and deadlocks in MariaDB; nobody is told of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_that_changes_the_same_rows_where_all_is_serializable() {
    let serializable = |options: &mut ConnectOptions| {
        options.map_sqlx_postgres_opts(|postgres| {
            postgres.options([("default_transaction_isolation", "serializable")])
        });
    };
    for kind in ALL {
        let Some(place) = place(kind, serializable).await else { continue };
        let application = Application::new(&place, Keys::I64).await;
        for user in 0..5 {
            application.add_user(&UserKey::from(user)).await;
        }
        let application = Arc::new(application);
        let tasks: Vec<_> = (0..50)
            .map(|number: i32| {
                let application = application.clone();
                tokio::spawn(async move {
                    let store = application.tokens(usize::try_from(number).unwrap());
                    let user = UserKey::from(number % 5);
                    store.assign(&user, &token(&format!("first {number}"))).await?;
                    store.rotate(&user, &token(&format!("second {number}"))).await?;
                    store.token_for(&user).await
                })
            })
            .collect();
        for task in tasks {
            let found = task.await.unwrap().unwrap_or_else(|error| panic!("{kind:?}: {error:?}"));
            assert!(found.is_some(), "{kind:?}");
        }
    }
}

/// A server that does not write at present: no call is lost for good, and connections to it are not kept.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_read_only() {
    let Some(place) = place(Kind::Postgres, |_| {}).await else { return };
    let application = Application::new(&place, Keys::I64).await;
    application.add_user(&UserKey::from(1)).await;
    let turn = async |to: &str| {
        let turn = format!(
            "BEGIN READ WRITE; DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = {to}', \
             current_database()); END $$; COMMIT"
        );
        place.sql(&turn).await;
    };
    turn("on").await;
    // Its connections are made after that.
    let url = place.query("SELECT current_database()::text", vec![]).await;
    let name: String = url[0].try_get_by_index(0).unwrap();
    let options = place.pool().get_postgres_connection_pool().connect_options();
    let user = options.get_username();
    let url = format!("postgres://{user}@{}:{}/{name}", options.get_host(), options.get_port());
    let node = iampass_sea_orm::SeaOrmDatabase::new(crate::place::connect(&url, |_| {}).await);
    let store = node.token_store(&application.schema);
    let error = store.assign(&UserKey::from(1), &token("a")).await.unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
    assert_kind::<()>(Err(error), StoreErrorKind::Unavailable, Kind::Postgres);
    turn("off").await;
    // The last one may go back to the pool a moment after its call.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let _ = store.assign(&UserKey::from(1), &token("a")).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(
        store.assign(&UserKey::from(1), &token("a")).await.unwrap(),
        token("a"),
        "by another connection"
    );
}

/// MariaDB says 1290 to a change while it is read-only, and 1969 to a statement that takes too long.
#[tokio::test(flavor = "multi_thread")]
async fn a_mariadb_that_does_not_write_or_does_not_wait() {
    // One of its own: the option holds for all databases of a server.
    let Some(server) = iampass_test_databases::PrivateMariadb::start() else { return };
    let database = server.database();
    // A read-only server lets an administrator write.
    database
        .sql(
            "CREATE USER application@'127.0.0.1'; CREATE USER application@localhost;
             GRANT SELECT, INSERT, UPDATE, DELETE ON *.* TO application@'127.0.0.1';
             GRANT SELECT, INSERT, UPDATE, DELETE ON *.* TO application@localhost;
             CREATE TABLE users (id BIGINT NOT NULL PRIMARY KEY); INSERT INTO users VALUES (1)",
        )
        .unwrap();
    let administrator =
        iampass_sea_orm::SeaOrmDatabase::new(crate::place::connect(database.url(), |_| {}).await);
    let (schema, anna) = (iampass_sea_orm::Schema::default(), UserKey::from(1));
    administrator.migrate(&schema).await.unwrap();
    let (_, place) = database.url().split_once('@').unwrap();
    let application = format!("mysql://application@{place}");
    let node = || async {
        let pool = crate::place::connect(&application, |options| {
            options.max_connections(1);
        });
        iampass_sea_orm::SeaOrmDatabase::new(pool.await).token_store(&iampass_sea_orm::Schema::default())
    };
    let store = node().await;
    store.assign(&anna, &token("a")).await.unwrap();

    database.sql("SET GLOBAL read_only = 1").unwrap();
    let error = store.rotate(&anna, &token("b")).await.unwrap_err();
    assert!(said(&error).contains("--read-only"), "{error:?}");
    assert!(error.is_retryable(), "{error:?}");
    assert_kind::<()>(Err(error), StoreErrorKind::Unavailable, Kind::Mariadb);
    assert_eq!(store.token_for(&anna).await.unwrap(), Some(token("a")), "it can be read");
    database.sql("SET GLOBAL read_only = 0").unwrap();
    store.rotate(&anna, &token("b")).await.unwrap();

    let held = administrator.connection().begin().await.unwrap();
    let table = schema.tokens_table();
    held.execute_unprepared(&format!("UPDATE {table} SET created_at = CURRENT_TIMESTAMP")).await.unwrap();
    database.sql("SET GLOBAL max_statement_time = 0.3").unwrap();
    let impatient = node().await;
    let error = impatient.rotate(&anna, &token("c")).await.unwrap_err();
    assert!(said(&error).contains("max_statement_time"), "{error:?}");
    assert!(error.is_retryable(), "{error:?}");
    assert_kind::<()>(Err(error), StoreErrorKind::Busy, Kind::Mariadb);
    held.rollback().await.unwrap();
    impatient.rotate(&anna, &token("c")).await.unwrap();
}

fn said(error: &StoreError) -> String {
    std::error::Error::source(error).map(ToString::to_string).unwrap_or_default()
}
