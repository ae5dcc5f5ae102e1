//! Databases that an earlier release made, with rows in them.

use std::time::Duration;

use iampass_core::port::{
    ClaimOutcome, SessionRecord, SessionStore, SharedEntry, SharedKey, SharedState as _, SharedVersion,
    StoreErrorKind, TokenStore as _, UserKey,
};
use iampass_core::{Secret, Server, Session, SessionToken, UnixMillis, UnixSeconds, UserToken};
use iampass_diesel::{DieselConnection, DieselSessionStore, KeyRing, Migrated, Schema, SealingKey};
use iampass_testkit::store_suite::SUITE_SERVER;

use crate::nodes::Nodes;
use crate::on_each_database;

/// The migration that the first release had, as its files are.
fn first_release(dialect: iampass_diesel::Dialect) -> String {
    let folder =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(dialect.to_string());
    std::fs::read_to_string(folder.join("2026-11-24-000000_iampass/up.sql")).unwrap()
}

fn server() -> Server {
    Server::parse(SUITE_SERVER).unwrap()
}

fn record(name: &str) -> SessionRecord {
    let token = SessionToken::new(name).unwrap();
    let session = Session::new(token, Secret::new("s"), SUITE_SERVER, SUITE_SERVER, &server()).unwrap();
    SessionRecord::new(session, UserToken::new("u").unwrap(), UnixSeconds(1), UnixSeconds(3_601))
}

async fn ensure_shared_entries_work<C: DieselConnection>(store: &DieselSessionStore<C>) {
    let (key, version) = (SharedKey::new("test", b"a"), SharedVersion::from_number(1));
    let entry = SharedEntry::new(version, b"value".to_vec(), UnixMillis(1_000));
    assert!(store.swap_shared(&key, None, &entry).await.unwrap());
    assert_eq!(store.load_shared(&key).await.unwrap(), Some(entry));
    assert!(store.delete_shared(&key, version).await.unwrap());
}

async fn ensure_not_migrated<C: DieselConnection>(store: &DieselSessionStore<C>) {
    let (key, version) = (SharedKey::new("test", b"a"), SharedVersion::from_number(1));
    let entry = SharedEntry::new(version, b"value".to_vec(), UnixMillis(1_000));
    for failed in [
        store.load_shared(&key).await.unwrap_err(),
        store.swap_shared(&key, None, &entry).await.unwrap_err(),
        store.swap_shared(&key, Some(version), &entry).await.unwrap_err(),
        store.delete_shared(&key, version).await.unwrap_err(),
        store.purge_shared(UnixMillis(1_000), 1).await.unwrap_err(),
    ] {
        assert_eq!(
            (failed.kind(), failed.is_retryable()),
            (StoreErrorKind::NotMigrated, false),
            "{failed:?}"
        );
    }
}

async fn a_database_of_the_first_release_gets_the_rest_and_keeps_its_rows<C: DieselConnection>(
    nodes: Nodes<C>,
) {
    let (database, schema) = (&nodes.databases[0], Schema::default());
    nodes.sql("CREATE TABLE users (id BIGINT PRIMARY KEY); INSERT INTO users VALUES (1)").await;
    nodes.sql(&first_release(nodes.dialect)).await;
    nodes
        .sql(
            "CREATE TABLE __diesel_schema_migrations \
             (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP); \
             INSERT INTO __diesel_schema_migrations (version) VALUES ('20261124000000')",
        )
        .await;
    let tokens = database.token_store(&schema);
    let ring = KeyRing::new(SealingKey::generate().unwrap().0);
    let sessions = database.session_store(&schema, ring.clone(), server());
    let token = UserToken::new("t").unwrap();
    assert_eq!(tokens.assign(&UserKey::from(1), &token).await.unwrap(), token);
    for (name, due) in [("used", None), ("started", Some(500)), ("due", Some(10))] {
        let mut record = record(name);
        record.logout_due = due.map(UnixSeconds);
        sessions.create(&record).await.unwrap();
    }
    assert_eq!(
        sessions.claim_logouts(UnixSeconds(10), Duration::from_secs(30), 9).await.unwrap().jobs.len(),
        1
    );
    ensure_not_migrated(&sessions).await;

    assert_eq!(database.migrate(&schema).await.unwrap(), Migrated::Now);
    assert_eq!(nodes.databases[1].migrate(&schema).await.unwrap(), Migrated::Before);
    ensure_shared_entries_work(&sessions).await;
    assert_eq!(tokens.token_for(&UserKey::from(1)).await.unwrap(), Some(token));
    let name = |name: &str| SessionToken::new(name).unwrap();
    assert_eq!(sessions.claim_session(&name("used")).await.unwrap(), ClaimOutcome::AlreadyClaimed);
    assert_eq!(sessions.claim_session(&name("started")).await.unwrap(), ClaimOutcome::Claimed);
    assert_eq!(
        sessions.claim_session(&name("due")).await.unwrap(),
        ClaimOutcome::Rejected,
        "it was claimed before"
    );
    let again = nodes.databases[1].session_store(&schema, ring, server());
    ensure_shared_entries_work(&again).await;

    // And back to nothing, all of it.
    assert_eq!(database.revert(&schema).await.unwrap(), Migrated::Now);
    ensure_not_migrated(&sessions).await;
    assert_eq!(database.migrate(&schema).await.unwrap(), Migrated::Now);
    ensure_shared_entries_work(&sessions).await;
}

/// One that has names of its own, which the first release noted in its own way.
async fn tables_with_other_names_get_the_rest_too<C: DieselConnection>(nodes: Nodes<C>) {
    let (database, schema) = (&nodes.databases[0], Schema::default().with_names("a", "b").unwrap());
    nodes.sql("CREATE TABLE users (id BIGINT PRIMARY KEY); INSERT INTO users VALUES (1)").await;
    let renamed =
        first_release(nodes.dialect).replace("iampass_tokens", "a").replace("iampass_sessions", "b");
    nodes.sql(&renamed).await;
    nodes
        .sql(
            "CREATE TABLE __diesel_schema_migrations \
             (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP); \
             INSERT INTO __diesel_schema_migrations (version) VALUES ('20261124000000-ab40d7820d408076')",
        )
        .await;
    let ring = KeyRing::new(SealingKey::generate().unwrap().0);
    let sessions = database.session_store(&schema, ring, server());
    sessions.create(&record("used")).await.unwrap();
    ensure_not_migrated(&sessions).await;
    assert_eq!(database.migrate(&schema).await.unwrap(), Migrated::Now);
    ensure_shared_entries_work(&sessions).await;
    assert!(sessions.load(&SessionToken::new("used").unwrap()).await.unwrap().is_some());
    // The default tables beside them are others.
    assert_eq!(database.migrate(&Schema::default()).await.unwrap(), Migrated::Now);
    assert_eq!(database.revert(&Schema::default()).await.unwrap(), Migrated::Now);
    ensure_shared_entries_work(&sessions).await;
}

on_each_database!(a_database_of_the_first_release_gets_the_rest_and_keeps_its_rows);
on_each_database!(tables_with_other_names_get_the_rest_too);
