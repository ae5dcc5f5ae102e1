//! Changes that PostgreSQL undoes because of each other.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::Barrier;

use iampass_server_domain::rules::Role;

use super::test_store::{Store, noted, open_postgres};
use super::*;

/// Makes two changes meet in the middle of their transactions, once, and counts how often they were begun.
#[derive(Clone)]
struct Meeting {
    barrier: Arc<Barrier>,
    begun: Arc<AtomicU32>,
}

impl Meeting {
    fn new() -> Self {
        Self { barrier: Arc::new(Barrier::new(2)), begun: Arc::default() }
    }

    fn begin(&self) -> bool {
        self.begun.fetch_add(1, Ordering::SeqCst) < 2
    }
}

/// Runs these statements in one transaction, and meets the other one after all but the last.
async fn run(
    database: &Database,
    meeting: &Meeting,
    statements: &'static [&'static str],
) -> Result<(), StorageError> {
    let meeting = meeting.clone();
    database
        .write(move |tx| {
            Box::pin(async move {
                let meets = meeting.begin();
                let (last, first) = statements.split_last().unwrap();
                for statement in first {
                    tx.execute(statement, &[]).await?;
                }
                if meets {
                    meeting.barrier.wait().await;
                }
                tx.execute(last, &[]).await.map(drop)
            })
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_changes_in_a_deadlock_the_one_that_is_undone_is_made_again() {
    const ONE: &[&str] =
        &["UPDATE pair SET n = n + 1 WHERE id = 1", "UPDATE pair SET n = n + 1 WHERE id = 2"];
    const OTHER: &[&str] =
        &["UPDATE pair SET n = n + 1 WHERE id = 2", "UPDATE pair SET n = n + 1 WHERE id = 1"];
    let Some((server, database)) = open_postgres().await else { return };
    server.sql("CREATE TABLE pair (id int, n int); INSERT INTO pair VALUES (1, 0), (2, 0)").unwrap();
    let meeting = Meeting::new();
    let (first, second) = tokio::join!(run(&database, &meeting, ONE), run(&database, &meeting, OTHER));
    first.unwrap();
    second.unwrap();
    assert_eq!(server.sql("SELECT sum(n) FROM pair").unwrap(), "4");
    assert_eq!(meeting.begun.load(Ordering::SeqCst), 3, "one of them was undone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_cannot_be_serialized_is_made_again() {
    const ONE: &[&str] = &[
        "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        "SELECT sum(n) FROM tally",
        "INSERT INTO tally SELECT 1 + sum(n) FROM tally",
    ];
    let Some((server, database)) = open_postgres().await else { return };
    server.sql("CREATE TABLE tally (n int); INSERT INTO tally VALUES (1)").unwrap();
    let meeting = Meeting::new();
    let (first, second) = tokio::join!(run(&database, &meeting, ONE), run(&database, &meeting, ONE));
    first.unwrap();
    second.unwrap();
    // As one after the other: 1, then 1 + 1, then 1 + 1 + 2.
    assert_eq!(server.sql("SELECT string_agg(n::text, ' ' ORDER BY n) FROM tally").unwrap(), "1 2 4");
    assert!(meeting.begun.load(Ordering::SeqCst) >= 3, "one of them was undone");
}

#[tokio::test]
async fn a_change_that_is_undone_each_time_fails_in_the_end() {
    let Some((server, database)) = open_postgres().await else { return };
    server
        .sql("CREATE FUNCTION undone() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$")
        .unwrap();
    let meeting = Meeting::new();
    meeting.begun.store(2, Ordering::SeqCst);
    let failed = run(&database, &meeting, &["SELECT undone()"]).await.unwrap_err();
    assert!(failed.is_conflict(), "{failed}");
    assert_eq!(meeting.begun.load(Ordering::SeqCst), 2 + 4);
}

/// How many transactions stand at `UNTIL SOMEBODY WAITS`.
const STANDING: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND query LIKE '%pg_blocking_pids%' AND pid <> pg_backend_pid()";

/// A transaction that stands at `UNTIL SOMEBODY WAITS` until somebody waits for it.
fn transaction(script: &str) -> String {
    const UNTIL: &str = "DO $$ BEGIN
        FOR turn IN 1..6000 LOOP
            EXIT WHEN EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)));
            PERFORM pg_sleep(0.01);
        END LOOP;
    END $$";
    format!("BEGIN; {}; COMMIT;", script.replace("UNTIL SOMEBODY WAITS", UNTIL))
}

/// Holds a user as the start of a login does, until somebody waits for it, and then holds the application as the row of a session does that refers to it.
const AS_A_START: &str = "SELECT key FROM users FOR UPDATE;
    UNTIL SOMEBODY WAITS;
    SELECT 'held' FROM applications WHERE id = 'SHOP' FOR KEY SHARE NOWAIT";

/// A start takes the user first and the application after it; a change to the user takes the application first.
#[tokio::test(flavor = "multi_thread")]
async fn a_start_and_a_change_to_its_user_do_not_wait_for_each_other_in_a_circle() {
    let Some((server, database)) = open_postgres().await else { return };
    let server = Arc::new(server);
    let store = Store::over_postgres(database, Arc::clone(&server));
    let shop = store.application("SHOP").await;
    store.add(shop, &["u"]).await;
    let (user, account) = (store.user(shop, "u").await, store.account("ann", false).await);
    store.member(shop, "ann", Role::Owner).await;
    let by = store.signed_in(account).await;
    // The account has a user as well, whom the change does not need.
    let script =
        transaction(&AS_A_START.replace("FROM users", &format!("FROM users WHERE key = {}", user.0)));
    let start = tokio::task::spawn_blocking(move || server.sql(&script).map_err(|error| error.to_string()));
    let held = async || {
        store.database.read(move |tx| Box::pin(async move { tx.query_one(STANDING, &[]).await })).await
    };
    while held().await.unwrap().unwrap().integer(0).unwrap() == 0 {
        assert!(!start.is_finished(), "{:?}", start.await);
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let changed = store.database.change_user(shop, user, UserChange::LogOut, by, noted("logged-out"));
    assert!(changed.await.unwrap());
    let started = start.await.unwrap();
    assert!(started.as_ref().is_ok_and(|said| said.contains("held")), "{started:?}");
}

/// Disables an application as a change to it does, and is done when somebody waits for it.
const DISABLING: &str = "SELECT key FROM applications WHERE id = 'APP' FOR UPDATE;
    UPDATE applications SET disabled_at = 1 WHERE id = 'APP';
    UNTIL SOMEBODY WAITS";

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_meets_the_disabling_of_its_application_begins_nothing() {
    let Some(server) = iampass_test_databases::postgres() else { return };
    let server = Arc::new(server.database());
    let node = two_nodes::Node::over(&server).await;
    let application = node.application().await;
    node.user_with_phone(application, "u").await;
    // Once with nothing remembered of the user, and once foreseen.
    for is_foreseen in [false, true] {
        if is_foreseen {
            node.start(application, "u").await;
        }
        let before = server.sql("SELECT count(*) FROM sessions").unwrap();
        let at = Arc::clone(&server);
        let disabling = tokio::task::spawn_blocking(move || {
            at.sql(&transaction(DISABLING)).map(drop).map_err(|error| error.to_string())
        });
        while server.sql(STANDING).unwrap() == "0" {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let (outcome, _) = node.start_spending(application, "u", node.none()).await;
        assert_eq!(outcome, StartOutcome::Disabled);
        disabling.await.unwrap().unwrap();
        assert_eq!(server.sql("SELECT count(*) FROM sessions").unwrap(), before);
        server.sql("UPDATE applications SET disabled_at = NULL").unwrap();
    }
}
