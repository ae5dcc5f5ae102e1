//! Nodes of an application, one for each URL. Belongs here: their stores. Does not belong here: what is asked of them.

use std::sync::Arc;
use std::time::Duration;

use diesel_async::pooled_connection::AsyncDieselConnectionManager;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::{AsyncMysqlConnection, AsyncPgConnection};
use iampass_core::port::{SessionRecord, SessionStore, StoreError, TokenStore};
use iampass_core::{Secret, Server, Session, SessionToken, UnixSeconds, UserToken};
use iampass_diesel::DieselDatabase;
use iampass_sea_orm::SeaOrmDatabase;
use iampass_sql::{KeyRing, Schema, SealingKey};

/// The URLs of the databases, between spaces. The table `users` is there, with the user 1.
const URLS: &str = "IAMPASS_TEST_STORE_URLS";

const SERVER: &str = "https://login.example";

#[derive(Clone, Copy, Debug)]
pub(crate) enum Library {
    Diesel,
    SeaOrm,
}

pub(crate) const BOTH: [Library; 2] = [Library::Diesel, Library::SeaOrm];

#[derive(Clone)]
enum Database {
    Postgres(DieselDatabase<AsyncPgConnection>),
    MySql(DieselDatabase<AsyncMysqlConnection>),
    SeaOrm(SeaOrmDatabase),
}

macro_rules! with {
    ($database:expr, $inner:ident => $what:expr) => {
        match $database {
            Database::Postgres($inner) => $what,
            Database::MySql($inner) => $what,
            Database::SeaOrm($inner) => $what,
        }
    };
}

#[derive(Clone)]
pub(crate) struct Node {
    database: Database,
    pub(crate) tokens: Arc<dyn TokenStore>,
    pub(crate) sessions: Arc<dyn SessionStore>,
}

impl Node {
    pub(crate) async fn migrate(&self) -> Result<(), StoreError> {
        let schema = Schema::default();
        with!(&self.database, database => database.migrate(&schema).await.map(drop))
    }

    pub(crate) async fn revert(&self) -> Result<(), StoreError> {
        let schema = Schema::default();
        with!(&self.database, database => database.revert(&schema).await.map(drop))
    }
}

pub(crate) async fn nodes(library: Library) -> Vec<Node> {
    let urls =
        std::env::var(URLS).expect("`cargo xtask surroundings databases` says where the databases are");
    let mut nodes = Vec::new();
    for url in urls.split_whitespace() {
        nodes.push(node(library, url).await);
    }
    nodes
}

/// A node whose calls wait for a connection for as long as they do by themselves: sqlx has 30 s, and our stores over diesel have 5 s.
async fn node(library: Library, url: &str) -> Node {
    let patience = match library {
        Library::SeaOrm => Duration::from_secs(30),
        Library::Diesel => Duration::from_secs(5),
    };
    patient_node(library, url, patience).await
}

/// A node whose calls wait for a connection for so long.
pub(crate) async fn patient_node(library: Library, url: &str, patience: Duration) -> Node {
    let database = match library {
        Library::SeaOrm => {
            let mut options = sea_orm::ConnectOptions::new(url);
            options.max_connections(5).sqlx_logging(false).acquire_timeout(patience);
            // As pgbouncer is installed it refuses this parameter.
            options.map_sqlx_postgres_opts(|postgres| postgres.extra_float_digits(None));
            Database::SeaOrm(SeaOrmDatabase::new(sea_orm::Database::connect(options).await.unwrap()))
        }
        Library::Diesel if url.starts_with("mysql") => {
            let manager = AsyncDieselConnectionManager::new(url);
            let pool = Pool::builder(manager).max_size(5).build().unwrap();
            Database::MySql(DieselDatabase::new(pool).with_patience(patience))
        }
        Library::Diesel => {
            let manager = AsyncDieselConnectionManager::new(url);
            let pool = Pool::builder(manager).max_size(5).build().unwrap();
            Database::Postgres(DieselDatabase::new(pool).with_patience(patience))
        }
    };
    let (schema, server) = (Schema::default(), Server::parse(SERVER).unwrap());
    let ring = KeyRing::new(SealingKey::new(&[7; 32]));
    let tokens: Arc<dyn TokenStore> = with!(&database, inner => Arc::new(inner.token_store(&schema)));
    let sessions: Arc<dyn SessionStore> =
        with!(&database, inner => Arc::new(inner.session_store(&schema, ring, server)));
    Node { database, tokens, sessions }
}

pub(crate) fn record(token: &SessionToken) -> SessionRecord {
    let url = |path: &str| format!("{SERVER}/{path}");
    let server = Server::parse(SERVER).unwrap();
    let session = Session::new(token.clone(), Secret::new("secret"), &url("status"), &url("logout"), &server);
    let user = UserToken::new("user").unwrap();
    SessionRecord::new(session.unwrap(), user, UnixSeconds(1_000), UnixSeconds(2_000))
}
