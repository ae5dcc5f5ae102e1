//! Connections to PostgreSQL: a bounded pool of them, each with the statements that it has prepared.
//!
//! A connection is in use from [`Taken::begin`] to [`Taken::end`]. One that is dropped in between leaves the pool for good: an operation that
//! timed out or was cancelled may still run at the server, and nothing else may be mixed up with it.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{self, Metrics, Object, PoolError, QueueMode, RecycleError, RecycleResult};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, GenericClient, Statement};

use super::connecting::{Connector, STATEMENT_SECONDS, Session};
use super::servers::{Epoch, Servers};
use crate::StorageError;

/// For changes and reads, and as many for nonces.
const CONNECTIONS: usize = 16;
/// The most of them that make changes. A commit may wait for a standby that is away, also when its caller has left; reads go on meanwhile.
const CHANGES: usize = 12;
/// How long a caller waits for one.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long an operation takes at most, with the wait for its connection: `statement_timeout` bounds neither a commit nor a server that does
/// not answer at all.
const LONGEST: Duration = Duration::from_secs(STATEMENT_SECONDS + 1);
/// How long an operation may go on at a server in whose place there is another one.
const GRACE: Duration = Duration::from_millis(500);
/// How long a server that has no room for another connection is not asked for one.
const NO_ROOM: Duration = Duration::from_secs(1);
/// Between two looks for a connection that was given back, while there is no room for another one.
const LOOK: Duration = Duration::from_millis(5);

/// Connections that are taken and given back.
pub(super) struct Pool {
    connections: managed::Pool<Connections>,
    /// One for each connection. A caller that waits here needs much less room than one that waits for a connection.
    turns: Arc<Semaphore>,
    /// One for each change: some connections are left for reads.
    changes: Arc<Semaphore>,
}

/// A connection, until it is dropped.
pub(super) struct Taken {
    connection: Object<Connections>,
    deadline: Instant,
    servers: Servers,
    _turn: OwnedSemaphorePermit,
}

/// How long one operation may go on.
pub(super) struct Limit {
    deadline: Instant,
    servers: Servers,
    epoch: Epoch,
}

/// An operation was given up: its outcome is not known.
pub(super) struct GivenUp(&'static str);

/// The statements that one connection has prepared, by their text.
#[derive(Default)]
pub(super) struct Prepared(Mutex<HashMap<&'static str, Statement>>);

pub(super) struct Connections {
    connector: Connector,
    /// Until when the server has no room for another connection.
    full_until: Mutex<Option<Instant>>,
}

pub(super) struct Connection {
    session: Session,
    prepared: Prepared,
    in_use: AtomicBool,
    is_spoiled: AtomicBool,
}

impl Pool {
    pub(super) fn new(connector: Connector) -> Result<Self, StorageError> {
        let create_timeout = connector.longest();
        let connections = Connections { connector, full_until: Mutex::default() };
        let pool = managed::Pool::builder(connections)
            .max_size(CONNECTIONS)
            // The one that was used last has its statements at hand, at the server as well, and their plans.
            .queue_mode(QueueMode::Lifo)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(PATIENCE))
            .create_timeout(Some(create_timeout))
            .build()
            .map_err(|error| StorageError::Unreachable(error.to_string()))?;
        let [turns, changes] = [CONNECTIONS, CHANGES].map(|number| Arc::new(Semaphore::new(number)));
        Ok(Self { connections: pool, turns, changes })
    }

    /// Waits for a connection, or makes one.
    pub(super) async fn take(&self) -> Result<Taken, StorageError> {
        self.take_since(Instant::now()).await
    }

    /// The same for changes.
    pub(super) async fn take_for_change(&self) -> Result<(Taken, OwnedSemaphorePermit), StorageError> {
        let began = Instant::now();
        let permit = turn(&self.changes, began).await?;
        Ok((self.take_since(began).await?, permit))
    }

    async fn take_since(&self, began: Instant) -> Result<Taken, StorageError> {
        let turn = turn(&self.turns, began).await?;
        Box::pin(self.connected(began, turn)).await
    }

    async fn connected(&self, began: Instant, turn: OwnedSemaphorePermit) -> Result<Taken, StorageError> {
        loop {
            match self.connections.get().await {
                Ok(connection) => {
                    let servers = self.connections.manager().connector.servers().clone();
                    return Ok(Taken { connection, deadline: began + LONGEST, servers, _turn: turn });
                }
                // Those that are open will do: an operation has one for milliseconds.
                Err(PoolError::Backend(error))
                    if is_full(&error)
                        && self.connections.status().size > 0
                        && began.elapsed() < PATIENCE =>
                {
                    sleep(LOOK).await;
                }
                Err(PoolError::Backend(StorageError::Full)) => return Err(StorageError::Busy),
                Err(PoolError::Backend(error)) => return Err(error),
                Err(PoolError::Timeout(managed::TimeoutType::Wait)) => return Err(StorageError::Busy),
                Err(error) => return Err(StorageError::Unreachable(error.to_string())),
            }
        }
    }
}

async fn turn(turns: &Arc<Semaphore>, began: Instant) -> Result<OwnedSemaphorePermit, StorageError> {
    let turn = timeout_at(began + PATIENCE, Arc::clone(turns).acquire_owned()).await;
    turn.map_err(|_| StorageError::Busy)?.map_err(|_| StorageError::Stopped)
}

fn is_full(error: &StorageError) -> bool {
    match error {
        StorageError::Full => true,
        StorageError::Postgres(error) => error.code() == Some(&SqlState::TOO_MANY_CONNECTIONS),
        _ => false,
    }
}

impl Taken {
    /// Begins an operation, which is to run within the limit. Until [`Taken::end`] a drop takes the connection out of the pool.
    pub(super) fn begin(&self) -> Limit {
        let connection = &*self.connection;
        connection.in_use.store(true, Ordering::Relaxed);
        Limit { deadline: self.deadline, servers: self.servers.clone(), epoch: connection.session.epoch }
    }

    /// The operation has come to an end, and this became of it.
    pub(super) fn end<T>(&self, result: &Result<T, StorageError>) {
        self.connection.in_use.store(false, Ordering::Relaxed);
        if let Err(error) = result {
            self.notice(error);
        }
    }

    /// Judges by an error whether the connection is to be used again.
    pub(super) fn notice(&self, error: &StorageError) {
        let connection = &*self.connection;
        let StorageError::Postgres(error) = error else { return };
        match error.code() {
            // Another server has to be found, by all.
            Some(&SqlState::READ_ONLY_SQL_TRANSACTION) => {
                connection.is_spoiled.store(true, Ordering::Relaxed);
                self.servers.retire(connection.session.epoch);
            }
            // A pooler has put another session behind the connection, a transaction is open in it that nobody ends, or a statement was prepared
            // before a migration of a newer version.
            Some(
                &SqlState::INVALID_SQL_STATEMENT_NAME
                | &SqlState::DUPLICATE_PSTATEMENT
                | &SqlState::IN_FAILED_SQL_TRANSACTION
                | &SqlState::FEATURE_NOT_SUPPORTED,
            ) => {
                connection.is_spoiled.store(true, Ordering::Relaxed);
            }
            _ => {}
        }
    }

    pub(super) fn client(&self) -> &Client {
        &self.connection.session.client
    }

    pub(super) fn prepared(&self) -> &Prepared {
        &self.connection.prepared
    }

    /// Both at once, the client to begin a transaction with.
    pub(super) fn parts(&mut self) -> (&mut Client, &Prepared) {
        let connection = &mut *self.connection;
        (&mut connection.session.client, &connection.prepared)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if self.connection.in_use.load(Ordering::Relaxed) {
            self.connection.session.abandon();
        }
    }
}

impl Limit {
    /// The same for another operation on the connection, with all the time that one has.
    pub(super) fn anew(&self) -> Self {
        Self { deadline: Instant::now() + LONGEST, servers: self.servers.clone(), epoch: self.epoch }
    }

    /// Returns when the operation is of no use any more, since another server is in the place of its own.
    pub(super) async fn replaced(&self) {
        self.servers.past(self.epoch).await;
        sleep(GRACE).await;
    }

    /// Runs an operation to its end, or gives it up.
    pub(super) async fn of<T>(
        self,
        operation: Pin<Box<dyn Future<Output = T> + Send + '_>>,
    ) -> Result<T, GivenUp> {
        tokio::select! {
            biased;
            done = operation => Ok(done),
            () = sleep_until(self.deadline) => {
                // Others that lead the same way do not answer either.
                self.servers.retire(self.epoch);
                tracing::error!(seconds = LONGEST.as_secs(), "the database does not answer; its connection is given up");
                Err(GivenUp("it did not answer in time"))
            }
            () = self.replaced() => Err(GivenUp::to_another_server()),
        }
    }
}

impl GivenUp {
    pub(super) fn to_another_server() -> Self {
        Self("another server has taken its place")
    }

    pub(super) fn why(&self) -> String {
        self.0.to_owned()
    }
}

impl From<GivenUp> for StorageError {
    fn from(given_up: GivenUp) -> Self {
        Self::Unreachable(given_up.why())
    }
}

impl Prepared {
    /// The statement for this text, which is written for both databases; made when it is asked for first.
    pub(super) async fn get(
        &self,
        client: &impl GenericClient,
        sql: &'static str,
    ) -> Result<Statement, tokio_postgres::Error> {
        if let Some(statement) = self.found(sql) {
            return Ok(statement);
        }
        let statement = client.prepare(&super::translating::translated(sql)).await?;
        self.statements().insert(sql, statement.clone());
        Ok(statement)
    }

    /// The same, if it was asked for before.
    pub(super) fn found(&self, sql: &'static str) -> Option<Statement> {
        self.statements().get(sql).cloned()
    }

    fn statements(&self) -> std::sync::MutexGuard<'_, HashMap<&'static str, Statement>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl managed::Manager for Connections {
    type Type = Connection;
    type Error = StorageError;

    async fn create(&self) -> Result<Connection, StorageError> {
        if self.full_until().is_some_and(|until| Instant::now() < until) {
            return Err(StorageError::Full);
        }
        // Boxed: it is large, and rarely made.
        let session = Box::pin(self.connector.connect(None)).await.inspect_err(|error| {
            if is_full(error) {
                *self.full_until() = Some(Instant::now() + NO_ROOM);
                tracing::warn!(%error, "the database gives no more connections; those that are open are shared");
            }
        })?;
        Ok(Connection {
            session,
            prepared: Prepared::default(),
            in_use: AtomicBool::new(false),
            is_spoiled: AtomicBool::new(false),
        })
    }

    async fn recycle(&self, connection: &mut Connection, _: &Metrics) -> RecycleResult<StorageError> {
        if connection.in_use.load(Ordering::Relaxed) || connection.is_spoiled.load(Ordering::Relaxed) {
            return Err(RecycleError::message("it was given up"));
        }
        if connection.session.client.is_closed() {
            return Err(RecycleError::message("the connection has ended"));
        }
        if connection.session.epoch != self.connector.servers().newest() {
            return Err(RecycleError::message("another server has taken its place"));
        }
        Ok(())
    }
}

impl Connections {
    fn full_until(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.full_until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}
