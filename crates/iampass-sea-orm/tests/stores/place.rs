//! Databases, and two pools each, which are two nodes. Belongs here: getting them. Does not belong here: what is in them.

use std::any::Any;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use iampass_sea_orm::SeaOrmDatabase;
use sea_orm::sqlx::sqlite::SqliteJournalMode;
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, ExecResult, QueryResult,
    Statement, Value,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
    Mariadb,
}

pub(crate) const ALL: [Kind; 3] = [Kind::Sqlite, Kind::Postgres, Kind::Mariadb];

/// An empty database and two pools to it.
pub(crate) struct Place {
    pub(crate) kind: Kind,
    url: String,
    nodes: [SeaOrmDatabase; 2],
    /// The file or the database on a server, dropped after the pools.
    _kept: Box<dyn Any + Send + Sync>,
}

impl Place {
    /// `None` when there is no such server here: that has been said.
    pub(crate) async fn open(kind: Kind) -> Option<Self> {
        Self::open_with(kind, |_| {}).await
    }

    /// With other settings of the pools.
    pub(crate) async fn open_with(kind: Kind, change: impl Fn(&mut ConnectOptions)) -> Option<Self> {
        let (url, kept): (String, Box<dyn Any + Send + Sync>) = match kind {
            Kind::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let file = folder.path().join("application.sqlite");
                (format!("sqlite://{}?mode=rwc", file.display()), Box::new(folder))
            }
            Kind::Postgres => of(iampass_test_databases::postgres()?.database()),
            Kind::Mariadb => of(iampass_test_databases::mariadb()?.database()),
        };
        let nodes = [connect(&url, &change).await, connect(&url, &change).await];
        Some(Self { kind, url, nodes: nodes.map(SeaOrmDatabase::new), _kept: kept })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn node(&self, number: usize) -> &SeaOrmDatabase {
        &self.nodes[number % 2]
    }

    /// Its first pool.
    pub(crate) fn pool(&self) -> &DatabaseConnection {
        self.nodes[0].connection()
    }

    pub(crate) async fn sql(&self, text: &str) -> ExecResult {
        self.pool().execute_unprepared(text).await.unwrap()
    }

    /// Runs a statement with values for `?`.
    pub(crate) async fn execute(&self, text: &str, values: Vec<Value>) -> ExecResult {
        self.pool().execute_raw(self.statement(text, values)).await.unwrap()
    }

    pub(crate) async fn query(&self, text: &str, values: Vec<Value>) -> Vec<QueryResult> {
        self.pool().query_all_raw(self.statement(text, values)).await.unwrap()
    }

    /// The first column of the only row.
    pub(crate) async fn number(&self, text: &str) -> i64 {
        self.query(text, vec![]).await[0].try_get_by_index(0).unwrap()
    }

    fn statement(&self, text: &str, values: Vec<Value>) -> Statement {
        let backend = self.pool().get_database_backend();
        let mut number = 0;
        let places = |piece: &str| {
            number += 1;
            if backend == DbBackend::Postgres { format!("${number}{piece}") } else { format!("?{piece}") }
        };
        let (first, rest) = text.split_once('?').unwrap_or((text, ""));
        let rest: String = if first == text { String::new() } else { rest.split('?').map(places).collect() };
        Statement::from_sql_and_values(backend, format!("{first}{rest}"), values)
    }
}

fn of(database: iampass_test_databases::Database) -> (String, Box<dyn Any + Send + Sync>) {
    (database.url().to_owned(), Box::new(database))
}

/// A pool of a few connections.
pub(crate) async fn connect(url: &str, change: impl Fn(&mut ConnectOptions)) -> DatabaseConnection {
    Database::connect(options(url, change)).await.unwrap()
}

pub(crate) fn options(url: &str, change: impl Fn(&mut ConnectOptions)) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.sqlx_logging(false).max_connections(5).acquire_timeout(Duration::from_secs(30));
    options.map_sqlx_sqlite_opts(|sqlite| {
        sqlite.journal_mode(SqliteJournalMode::Wal).busy_timeout(Duration::from_secs(30))
    });
    change(&mut options);
    options
}

/// A number that no other call in this process gets.
pub(crate) fn unique() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
