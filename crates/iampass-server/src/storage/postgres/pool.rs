//! Connections to PostgreSQL: a bounded pool of them, each with the statements that it has prepared.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use deadpool::managed::{self, Metrics, Object, PoolError, RecycleError, RecycleResult};
use deadpool::{Runtime, managed::Hook};
use tokio_postgres::{Client, Config, GenericClient, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::url::DatabaseUrl;
use crate::storage::StorageError;

/// For changes and reads, and as many for nonces.
const CONNECTIONS: usize = 16;
/// How long a caller waits for one.
const PATIENCE: Duration = Duration::from_secs(5);
const CONNECT: Duration = Duration::from_secs(5);

/// No statement of ours takes longer than this; one that does holds others up.
const TIMEOUTS: &str =
    "-c statement_timeout=20s -c lock_timeout=5s -c idle_in_transaction_session_timeout=30s";

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// What is committed is on the disk.
    Keeping,
    /// What is committed is there for everybody, and on the disk with the next commit of the other kind.
    Spending,
    /// Hears notifications.
    Hearing,
}

/// Connections that are taken and given back.
pub(super) struct Pool(managed::Pool<Connections>);

/// A connection, until it is dropped.
pub(super) struct Taken(Object<Connections>);

/// The statements that one connection has prepared, by their text.
#[derive(Default)]
pub(super) struct Prepared(Mutex<HashMap<&'static str, Statement>>);

pub(super) struct Connections {
    config: Config,
    tls: MakeRustlsConnect,
}

pub(super) struct Connection {
    client: Client,
    prepared: Prepared,
}

impl Pool {
    pub(super) fn new(url: &DatabaseUrl, purpose: Purpose) -> Result<Self, StorageError> {
        let connections = Connections { config: configured(url, purpose), tls: url.tls()? };
        let pool = managed::Pool::builder(connections)
            .max_size(CONNECTIONS)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(CONNECT))
            .post_create(Hook::sync_fn(|_, _| Ok(())))
            .build()
            .map_err(|error| StorageError::Unreachable(error.to_string()))?;
        Ok(Self(pool))
    }

    /// Waits for a connection, or makes one.
    pub(super) async fn take(&self) -> Result<Taken, StorageError> {
        match self.0.get().await {
            Ok(connection) => Ok(Taken(connection)),
            Err(PoolError::Backend(error)) => Err(error.into()),
            Err(PoolError::Timeout(managed::TimeoutType::Wait)) => Err(StorageError::Busy),
            Err(error) => Err(StorageError::Unreachable(error.to_string())),
        }
    }
}

impl Taken {
    pub(super) fn client(&self) -> &Client {
        &self.0.client
    }

    pub(super) fn prepared(&self) -> &Prepared {
        &self.0.prepared
    }

    /// Both at once, the client to begin a transaction with.
    pub(super) fn parts(&mut self) -> (&mut Client, &Prepared) {
        let connection = &mut *self.0;
        (&mut connection.client, &connection.prepared)
    }
}

impl Prepared {
    /// The statement for this text, which is written for both databases; made when it is asked for first.
    pub(super) async fn get(
        &self,
        client: &impl GenericClient,
        sql: &'static str,
    ) -> Result<Statement, tokio_postgres::Error> {
        if let Some(statement) = self.statements().get(sql) {
            return Ok(statement.clone());
        }
        let statement = client.prepare(&super::statements::translated(sql)).await?;
        self.statements().insert(sql, statement.clone());
        Ok(statement)
    }

    fn statements(&self) -> std::sync::MutexGuard<'_, HashMap<&'static str, Statement>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl managed::Manager for Connections {
    type Type = Connection;
    type Error = tokio_postgres::Error;

    async fn create(&self) -> Result<Connection, tokio_postgres::Error> {
        let (client, connection) = self.config.connect(self.tls.clone()).await?;
        tokio::spawn(async move {
            // Whoever uses the client next hears of it too.
            if let Err(error) = connection.await {
                tracing::warn!(%error, "a connection to the database has ended");
            }
        });
        Ok(Connection { client, prepared: Prepared::default() })
    }

    async fn recycle(
        &self,
        connection: &mut Connection,
        _: &Metrics,
    ) -> RecycleResult<tokio_postgres::Error> {
        if connection.client.is_closed() {
            return Err(RecycleError::message("the connection has ended"));
        }
        Ok(())
    }
}

/// How a connection of this kind is asked for.
pub(super) fn configured(url: &DatabaseUrl, purpose: Purpose) -> Config {
    let mut config = (*url.config).clone();
    let options = match purpose {
        Purpose::Keeping => format!("{TIMEOUTS} -c synchronous_commit=on"),
        Purpose::Spending => format!("{TIMEOUTS} -c synchronous_commit=off"),
        Purpose::Hearing => String::new(),
    };
    config.options(options).connect_timeout(CONNECT).application_name("iampass-server");
    config.keepalives_idle(Duration::from_secs(30)).tcp_user_timeout(Duration::from_secs(30));
    config
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}
