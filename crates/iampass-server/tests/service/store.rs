//! Where the services under test keep their data: in files, or in a PostgreSQL, by what the environment says ([`ON_POSTGRES`]). All tests of
//! this suite run on both.
//!
//! Belongs here: what tests do to the store behind the service's back. Does not belong here: the service.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use iampass_server::{MasterKey, MasterKeySource, MasterKeys, ServiceConfig, StorageLocation};
use iampass_test_databases::Database;
use tempfile::TempDir;

/// Set for the run of this suite on PostgreSQL.
const ON_POSTGRES: &str = "IAMPASS_SERVICE_SUITE_ON_POSTGRES";

pub(crate) fn on_postgres() -> bool {
    std::env::var_os(ON_POSTGRES).is_some()
}

/// The status of `/readyz` for a service that is well. A database has a clock of its own, from which that of the tests differs.
pub(crate) fn ready_status() -> u16 {
    if on_postgres() { 503 } else { 200 }
}

/// Data of one test. It goes with the last clone.
#[derive(Clone)]
pub(crate) enum Store {
    File(Arc<TempDir>),
    Postgres(Arc<Database>),
}

impl Store {
    pub(crate) fn new() -> Self {
        if !on_postgres() {
            return Self::File(Arc::new(tempfile::tempdir().unwrap()));
        }
        let server = iampass_test_databases::postgres().expect("it was there when this suite was started");
        Self::Postgres(Arc::new(server.database()))
    }

    fn file(directory: &TempDir) -> PathBuf {
        directory.path().join("data.sqlite")
    }

    pub(crate) fn config(&self) -> ServiceConfig {
        match self {
            Self::File(directory) => ServiceConfig::new(StorageLocation::File(Self::file(directory))),
            Self::Postgres(database) => {
                let mut config =
                    ServiceConfig::new(StorageLocation::Postgres(database.url().parse().unwrap()));
                config.master_key = MasterKeySource::Keys(MasterKeys::new(MasterKey::from_bytes([42; 32])));
                config
            }
        }
    }

    /// One column of rows, as text.
    pub(crate) fn column(&self, sql: &str) -> Vec<String> {
        match self {
            Self::File(directory) => {
                let connection = rusqlite::Connection::open(Self::file(directory)).unwrap();
                let mut statement = connection.prepare(sql).unwrap();
                let rows = statement.query_map([], |row| row.get(0)).unwrap();
                rows.map(Result::unwrap).collect()
            }
            Self::Postgres(database) => database.sql(sql).unwrap().lines().map(str::to_owned).collect(),
        }
    }

    /// Changes something behind the service's back.
    pub(crate) fn change(&self, sql: &str) {
        self.try_change(sql).unwrap();
    }

    pub(crate) fn try_change(&self, sql: &str) -> Result<(), String> {
        match self {
            Self::File(directory) => {
                let connection = rusqlite::Connection::open(Self::file(directory)).unwrap();
                connection.execute_batch(sql).map_err(|error| error.to_string())
            }
            Self::Postgres(database) => database.sql(sql).map(drop).map_err(|error| error.to_string()),
        }
    }

    /// Keeps everybody's changes waiting until this is dropped.
    pub(crate) async fn hold(&self) -> Held {
        match self {
            Self::File(directory) => {
                let connection = rusqlite::Connection::open(Self::file(directory)).unwrap();
                connection.busy_timeout(Duration::from_secs(5)).unwrap();
                connection.execute_batch("BEGIN IMMEDIATE").unwrap();
                Held { _file: Some(connection), _postgres: None }
            }
            Self::Postgres(database) => {
                let (client, connection) =
                    tokio_postgres::connect(database.url(), tokio_postgres::NoTls).await.unwrap();
                tokio::spawn(connection);
                client.batch_execute("BEGIN; LOCK TABLE users, sessions IN EXCLUSIVE MODE").await.unwrap();
                Held { _file: None, _postgres: Some(client) }
            }
        }
    }

    /// Whether the nonce of a request that only reads is stored.
    pub(crate) fn has_nonce_of_a_read(&self, id: &str, nonce: u64) -> bool {
        let sql = match self {
            Self::File(_) => {
                format!("SELECT entries FROM nonce_batches WHERE entries LIKE '%{id} {nonce} %'")
            }
            Self::Postgres(_) => format!("SELECT id FROM nonces WHERE id = '{id}' AND nonce = {nonce}"),
        };
        !self.column(&sql).is_empty()
    }
}

/// A transaction that is open: dropped, it is undone.
pub(crate) struct Held {
    _file: Option<rusqlite::Connection>,
    _postgres: Option<tokio_postgres::Client>,
}

/// Every test of this suite, once more.
#[test]
fn the_same_on_postgres() {
    if std::env::var_os(ON_POSTGRES).is_some() || iampass_test_databases::postgres().is_none() {
        return;
    }
    let this = std::env::current_exe().unwrap();
    let output = Command::new(this).env(ON_POSTGRES, "1").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    let ran = text.lines().filter(|line| line.ends_with(" ... ok")).count();
    assert!(ran > 50, "{text}");
}
