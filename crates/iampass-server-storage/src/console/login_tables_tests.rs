//! The Console's session store on both databases: the conformance suite, and what a database of the version before becomes.

use std::sync::Arc;

use async_trait::async_trait;
use iampass_core::port::{
    BoxError, SessionRecord, SessionStore, SharedEntry, SharedKey, SharedState, SharedVersion,
};
use iampass_core::{Secret, Server, Session, SessionToken, UnixMillis, UnixSeconds, UserToken};
use iampass_sql::{KeyRing, SealingKey, SessionTable};
use iampass_test_databases::Database as TestDatabase;
use iampass_testkit::store_suite::{
    HookOutcome, SUITE_SERVER, StoreUnderTest, session_store_suite, shared_state_suite,
};

use super::*;
use crate::{Database, Sharing};
use crate::{MasterKey, MasterKeySource, MasterKeys, StorageConfig, StorageLocation};

type Store = SessionTable<LoginTables>;

/// A database, and the nodes over it: two over a server, the only one over a file.
struct Nodes {
    databases: Vec<Arc<Database>>,
    _kept: Arc<dyn std::any::Any + Send + Sync>,
}

async fn open(config: &StorageConfig) -> Arc<Database> {
    Arc::new(Database::open(config, Sharing::Alone).await.unwrap())
}

fn keyed(mut config: StorageConfig) -> StorageConfig {
    config.master_key = MasterKeySource::Keys(MasterKeys::new(MasterKey::from_bytes([3; 32])));
    config
}

fn over_server(server: &TestDatabase) -> StorageConfig {
    keyed(StorageConfig::new(StorageLocation::Postgres(server.url().parse().unwrap())))
}

impl Nodes {
    async fn over_file() -> Self {
        Self {
            databases: vec![open(&StorageConfig::new(StorageLocation::Temporary)).await],
            _kept: Arc::new(()),
        }
    }

    /// Two nodes whose tables are empty.
    async fn over(databases: &[Arc<Database>], server: &Arc<TestDatabase>) -> Self {
        server.sql("TRUNCATE console_sessions, console_shared").unwrap();
        Self { databases: databases.to_vec(), _kept: Arc::clone(server) as _ }
    }

    fn store(&self, number: usize) -> Store {
        store(&self.databases[number % self.databases.len()])
    }
}

fn store(database: &Arc<Database>) -> Store {
    let server = Server::parse(SUITE_SERVER).unwrap();
    let ring = KeyRing::new(SealingKey::new(&[7; 32]));
    SessionTable::new(LoginTables(Arc::clone(database)), &login_schema().unwrap(), ring, server)
}

#[async_trait]
impl StoreUnderTest<dyn SessionStore> for Nodes {
    fn node(&self, number: usize) -> Arc<dyn SessionStore> {
        Arc::new(self.store(number))
    }

    async fn damage_session(&self, session: &SessionToken) -> Result<HookOutcome, BoxError> {
        let token = session.as_str().to_owned();
        let damaged = self.databases[0].write(move |tx| {
            Box::pin(async move {
                let sql = "UPDATE console_sessions SET sealed_session = ?1 WHERE token = ?2";
                tx.execute(sql, &[(&[0_u8; 40][..]).into(), token.as_str().into()]).await
            })
        });
        assert_eq!(damaged.await?, 1);
        Ok(HookOutcome::Done)
    }
}

#[async_trait]
impl StoreUnderTest<dyn SharedState> for Nodes {
    fn node(&self, number: usize) -> Arc<dyn SharedState> {
        Arc::new(self.store(number))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_store_over_a_file_passes_the_suites() {
    for report in [session_store_suite(Nodes::over_file).await, shared_state_suite(Nodes::over_file).await] {
        report.assert_passed();
        assert!(report.skipped().is_empty(), "{report}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_over_postgres_pass_the_suites() {
    let Some(server) = iampass_test_databases::postgres() else { return };
    let server = Arc::new(server.database());
    let databases = [open(&over_server(&server)).await, open(&over_server(&server)).await];
    let fresh = || Nodes::over(&databases, &server);
    for report in [session_store_suite(fresh).await, shared_state_suite(fresh).await] {
        report.assert_passed();
        assert!(report.skipped().is_empty(), "{report}");
    }
}

fn record() -> SessionRecord {
    let (token, server) = (SessionToken::new("signed-in").unwrap(), Server::parse(SUITE_SERVER).unwrap());
    let session = Session::new(token, Secret::new("s"), SUITE_SERVER, SUITE_SERVER, &server).unwrap();
    SessionRecord::new(session, UserToken::new("u").unwrap(), UnixSeconds(1), UnixSeconds(3_601))
}

/// Those who are signed in stay so, and entries can be shared.
async fn ensure_migrated(database: &Arc<Database>) {
    assert!(database.condition().await.unwrap().has_current_schema);
    let store = store(database);
    assert!(store.load(record().session.token()).await.unwrap().is_some());
    let (key, version) = (SharedKey::new("test", b"a"), SharedVersion::from_number(1));
    let entry = SharedEntry::new(version, b"value".to_vec(), UnixMillis(1_000));
    assert!(store.swap_shared(&key, None, &entry).await.unwrap());
    assert_eq!(store.load_shared(&key).await.unwrap(), Some(entry));
}

/// Undoes the changes since the first release.
const UNDONE: &str = "DROP TABLE events; DROP TABLE event_endpoints; DROP TABLE alerts; DROP INDEX links_by_admin_key; ALTER TABLE links DROP COLUMN admin_key; DROP TABLE admin_keys; DROP TABLE waiting_phones; DROP TABLE recovery_codes; DROP TABLE phone_events; DROP INDEX devices_of_user; \
     ALTER TABLE devices DROP COLUMN name; ALTER TABLE devices DROP COLUMN last_used_at; ALTER TABLE devices DROP COLUMN recovered_at; ALTER TABLE devices DROP COLUMN on_trial_since; \
     ALTER TABLE links DROP COLUMN adds; ALTER TABLE links DROP COLUMN lost_asked_at; DROP TABLE unlock_credentials; DROP TABLE unlock_registrations; ALTER TABLE sessions DROP COLUMN unlock_challenge; ALTER TABLE sessions DROP COLUMN return_to; ALTER TABLE sessions DROP COLUMN return_tag; DROP TABLE pushes; DROP TABLE push_subscriptions; DROP INDEX sessions_near; ALTER TABLE sessions DROP COLUMN near_until; ALTER TABLE sessions DROP COLUMN word_at; DROP INDEX sessions_asked; ALTER TABLE sessions DROP COLUMN ended_by; ALTER TABLE applications DROP COLUMN walkaway; ALTER TABLE applications DROP COLUMN phones; DROP INDEX sessions_nameless; ALTER TABLE sessions DROP COLUMN nameless; DROP TABLE wrong_codes; ALTER TABLE applications DROP COLUMN approval; ALTER TABLE devices DROP COLUMN public_key; \
     ALTER TABLE sessions DROP COLUMN code_tag; ALTER TABLE sessions DROP COLUMN scan_tag; ALTER TABLE sessions DROP COLUMN on_phone; \
     ALTER TABLE sessions DROP COLUMN wrong_codes; ALTER TABLE sessions DROP COLUMN proven; ALTER TABLE sessions DROP COLUMN browser; \
     ALTER TABLE sessions DROP COLUMN address; DROP TABLE console_shared; DROP TABLE denials; ALTER TABLE sessions DROP COLUMN known_browser; \
     DROP INDEX console_links_by_maker; DROP INDEX links_by_maker; ALTER TABLE links DROP COLUMN maker_key; \
     ALTER TABLE console_links DROP COLUMN maker_key; ALTER TABLE applications DROP COLUMN messages; ALTER TABLE applications DROP COLUMN made_by; ALTER TABLE users DROP COLUMN phone_ended_at; ALTER TABLE users DROP COLUMN unlocking_ended_at; \
     DROP INDEX deliveries_due; DROP INDEX deliveries_by_turn; \
     CREATE INDEX deliveries_waiting ON deliveries (next_at) WHERE state = 'queued';";

#[tokio::test]
async fn a_file_of_the_version_before_gets_the_table_and_keeps_who_is_signed_in() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("data");
    let config = keyed(StorageConfig::new(StorageLocation::File(path.clone())));
    let database = open(&config).await;
    store(&database).create(&record()).await.unwrap();
    database.flush().await.unwrap();
    drop(database);
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute_batch(&format!("{UNDONE} PRAGMA user_version = 6"))
        .unwrap();
    ensure_migrated(&open(&config).await).await;
}

#[tokio::test]
async fn a_postgres_of_the_version_before_gets_the_table_and_keeps_who_is_signed_in() {
    let Some(server) = iampass_test_databases::postgres() else { return };
    let server = server.database();
    let config = over_server(&server);
    store(&open(&config).await).create(&record()).await.unwrap();
    server.sql(&format!("{UNDONE} UPDATE schema_version SET version = 4")).unwrap();
    ensure_migrated(&open(&config).await).await;
}
