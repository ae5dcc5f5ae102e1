//! A gate put together from its settings. Belongs here: connections, stores, the client and the login.

use std::fs::OpenOptions;
use std::sync::Arc;
use std::time::Duration;

use iampass_core::client::{Client, ClientBuilder};
use iampass_core::machine::{LoginOptions, WatchOptions};
use iampass_sea_orm::SeaOrmDatabase;
use iampass_web::LoginWeb;
use sea_orm::sqlx::sqlite::SqliteJournalMode;
use sea_orm::{ConnectOptions, Database, DatabaseConnection};

use crate::check::{Gate, MOUNT};
use crate::health::Health;
use crate::keys::{Keys, KeysError};
use crate::settings::{Settings, UsersFrom};
use crate::users::{FileUsers, GateUsers, Source, TableUsers, User, UserNumbers, UsersFileError};

/// For how long one who writes waits for another one who writes: SQLite has one at a time.
const BUSY: Duration = Duration::from_secs(10);

/// The gate cannot be put together.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetUpError {
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The file of users.
    #[error(transparent)]
    Users(#[from] UsersFileError),
    /// A database.
    #[error("{what} cannot be opened: {source}. Look at `{setting}` in the settings")]
    Database {
        /// Which.
        what: &'static str,
        /// The setting that names it.
        setting: &'static str,
        /// Why.
        source: sea_orm::DbErr,
    },
    /// The tables of the stores.
    #[error("the tables of the gate cannot be brought up to date: {0}")]
    Tables(String),
    /// The client of the service.
    #[error("{0}")]
    Client(#[from] iampass_core::Error),
    /// The transport to the service.
    #[error("the HTTP client cannot be made: {0}")]
    Transport(String),
    /// The login.
    #[error(transparent)]
    Login(#[from] iampass_web::ConfigError),
}

impl SetUpError {
    /// Whether it may go away by itself.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Database { .. } | Self::Tables(_))
    }
}

/// The parts of a gate.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Parts {
    /// The client of the service.
    pub client: Client,
    /// The users.
    pub users: GateUsers,
    /// The names of keys that are not set, and were made up.
    pub made_up: Vec<&'static str>,
    keys: Keys,
}

/// Opens databases and users. `client` knows the transport, and may know the service; the settings and `var` say the rest.
///
/// # Errors
/// [`SetUpError`].
pub async fn open(
    client: ClientBuilder,
    settings: &Settings,
    var: impl Fn(&str) -> Option<String>,
) -> Result<Parts, SetUpError> {
    let (keys, made_up) = Keys::from_vars(&var, &settings.origin)?;
    let client = client.from_vars(|name| {
        var(name).filter(|value| !value.trim().is_empty()).or_else(|| match name {
            "IAMPASS_SERVER" => settings.server.clone(),
            "IAMPASS_APPLICATION_ID" => settings.application_id.clone(),
            _ => None,
        })
    });
    keep_private(&settings.state);
    let state = connect(&settings.state).await.map_err(|source| SetUpError::Database {
        what: "the gate's own database",
        setting: "state",
        source,
    })?;
    let source = match &settings.users {
        UsersFrom::File(path) => Source::File(FileUsers::open(path)?),
        UsersFrom::Table { url, select } => {
            let table = connect(url).await.map_err(|source| SetUpError::Database {
                what: "the database of the users",
                setting: "users.url",
                source,
            })?;
            Source::Table(Arc::new(TableUsers::new(table, select)))
        }
    };
    let tables = |error: &dyn std::fmt::Display| SetUpError::Tables(error.to_string());
    let numbers = UserNumbers::open(state.clone()).await.map_err(|error| tables(&error))?;
    let schema = UserNumbers::schema().map_err(|error| tables(&error))?;
    let database = SeaOrmDatabase::new(state);
    database.migrate(&schema).await.map_err(|error| tables(&error))?;
    let sessions = database.session_store(&schema, keys.sessions.clone(), client.configured_server()?);
    let client = client
        .token_store(Arc::new(database.token_store(&schema)))
        .session_store(Arc::new(sessions))
        .build()?;
    Ok(Parts { client, users: GateUsers::new(source, numbers), made_up, keys })
}

/// The gate of these parts.
///
/// # Errors
/// [`SetUpError::Login`].
pub fn gate(parts: &Parts, settings: &Settings) -> Result<(Gate, Health), SetUpError> {
    let login = LoginWeb::<User>::builder(parts.client.clone(), parts.users.clone())
        .origin(&settings.origin)
        .mount_path(MOUNT)
        // The site may have a login of this kind itself.
        .cookie_prefix("iampass-gate")
        .cookie_keys(parts.keys.cookies.clone())
        .watch_options(WatchOptions::default().freshness(settings.freshness))
        .trusted_proxy_networks(settings.trusted_proxies.clone());
    let options = match settings.session {
        Some(lasts) => LoginOptions::default().duration(lasts),
        None => LoginOptions::default(),
    };
    let login = login.login_options(options).keep_signed_in(settings.keep_signed_in);
    let login = match &settings.name {
        Some(name) => login.name(name),
        None => login,
    };
    let gate = Gate::new(
        login.build()?,
        &settings.origin,
        settings.rules.clone(),
        settings.headers.clone(),
        settings.trusted_proxies.clone(),
    );
    Ok((gate, Health::new(parts.users.clone())))
}

/// Makes the file of a new SQLite database readable for its owner alone, and with it what SQLite lays beside it. A file that cannot be made is told of when it is
/// opened.
fn keep_private(url: &str) {
    let Some(file) = url.strip_prefix("sqlite:") else { return };
    let file = file.strip_prefix("//").unwrap_or(file).split('?').next().unwrap_or_default();
    if file.is_empty() || file == ":memory:" {
        return;
    }
    let mut new = OpenOptions::new();
    new.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut new, 0o600);
    let _ = new.open(file);
}

async fn connect(url: &str) -> Result<DatabaseConnection, sea_orm::DbErr> {
    let mut options = ConnectOptions::new(url);
    options.sqlx_logging(false).max_connections(10).acquire_timeout(BUSY);
    options.map_sqlx_sqlite_opts(|sqlite| sqlite.journal_mode(SqliteJournalMode::Wal).busy_timeout(BUSY));
    Database::connect(options).await
}
