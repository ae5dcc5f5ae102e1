//! One node of many over one PostgreSQL.
//!
//! Whatever a node has to know, all nodes have to know: nothing here is kept in memory but prepared statements. Belongs here: how PostgreSQL
//! is reached, and what it does in ways of its own. Does not belong here: what is stored (the operations, beside this directory).

mod backup_file;
mod connecting;
mod long_work;
mod notifications;
mod pool;
mod pooler;
mod programs;
#[cfg(test)]
mod restore_tests;
mod schema;
mod servers;
mod statements;
mod url;
mod url_parameters;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use iampass_core::port::Clock;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

use self::connecting::{Connector, Purpose};
use self::notifications::Notifications;
use self::pool::Pool;
pub use self::programs::{dump, restore};
pub(crate) use self::schema::{CONDITION, KNOWN as KNOWN_SCHEMA};
use self::servers::Servers;
use self::statements::PostgresStatements;
pub use self::url::{DatabaseUrl, InvalidDatabaseUrl};
use super::error::{causes, not_committed};
use super::nonce_rows::{self, NonceRow};
use super::sealing::Sealer;
use super::signals::{Raised, Signals};
use super::{Awaited, Migrations, StorageError, Tx, UserKey, Work};
use crate::master_key::{MasterKeySource, MasterKeys};
use iampass_server_domain::random;

/// The database, as one node reaches it.
pub(crate) struct Postgres {
    /// For everything that has to be on the disk when it is answered, and for reads.
    pool: Arc<Pool>,
    /// For nonces alone: they are there for all nodes at once, and on the disk with whatever is committed next.
    spending: Arc<Pool>,
    /// Changes without a waiting caller.
    unattended: TaskTracker,
    committed: Arc<Committed>,
}

/// The consequences of a commit.
struct Committed {
    count: AtomicU64,
    signals: Arc<Signals>,
    notifications: Notifications,
}

impl Committed {
    /// A change was committed: those who wait for what it affects are woken, here and on other nodes.
    fn one(&self, raised: &Raised) {
        self.count.fetch_add(1, Ordering::Relaxed);
        for user in self.signals.send(raised) {
            self.notifications.announce(user);
        }
    }
}

impl Postgres {
    /// Reaches the database and brings it to the current schema.
    pub(crate) async fn open(
        url: &DatabaseUrl,
        keys: &MasterKeySource,
        migrations: Migrations,
        clock: &dyn Clock,
        signals: Arc<Signals>,
    ) -> Result<(Self, Sealer), StorageError> {
        let sealer = Sealer::new(find_keys(keys)?)?;
        let servers = Servers::new();
        let connector = |purpose| Connector::new(url, purpose, servers.clone());
        let pool = Arc::new(Pool::new(connector(Purpose::Keeping)?)?);
        pooler::refuse_transaction_mode(&pool).await?;
        schema::bring_up(&pool, migrations).await?;
        schema::compare_clocks(&pool, clock).await?;
        let spending = Arc::new(Pool::new(connector(Purpose::Spending)?)?);
        let notifications = Notifications::start(connector(Purpose::Hearing)?, Arc::clone(&pool));
        let committed = Arc::new(Committed { count: AtomicU64::new(0), signals, notifications });
        let postgres = Self { pool, spending, unattended: TaskTracker::new(), committed };
        let checked = postgres
            .write(clock, &sealer, None, |tx| Box::pin(super::master_key_check::check_master_key(tx)))
            .await?;
        checked?;
        // Better now than at the first login.
        postgres.write(clock, &sealer, None, |tx| Box::pin(super::writable::try_a_change(tx))).await??;
        Ok((postgres, sealer))
    }

    /// Does an operation that changes nothing.
    pub(crate) async fn read<T, F>(
        &self,
        clock: &dyn Clock,
        sealer: &Sealer,
        work: F,
    ) -> Result<T, StorageError>
    where
        F: for<'t> FnOnce(&'t mut Tx<'t>) -> Work<'t, T> + Send,
    {
        let connection = self.pool.take().await?;
        let operation = Box::pin(async {
            let mut statements = PostgresStatements::new(&connection, connection.client());
            let raised = Raised::default();
            let mut tx = Tx::new(&mut statements, clock, sealer, &raised);
            work(&mut tx).await
        });
        let done = connection.begin().of(operation).await?;
        connection.end(&done);
        done
    }

    /// Makes a change and returns after it is on disk. A nonce is spent in the same transaction, even if the change fails by itself.
    ///
    /// The outer error says that nothing was stored; the inner one that the change failed.
    pub(crate) async fn write<T, F>(
        &self,
        clock: &dyn Clock,
        sealer: &Sealer,
        spent: Option<NonceRow>,
        work: F,
    ) -> Result<Result<T, StorageError>, StorageError>
    where
        T: Send,
        F: for<'t> FnOnce(&'t mut Tx<'t>) -> Work<'t, T> + Clone + Send,
    {
        // It is a transaction of its own, which the change's commit takes to the disk: a change that fails leaves it all the same.
        if let Some(row) = spent {
            self.spend(clock, sealer, row).await?;
        }
        write(&self.pool, &self.committed, clock, sealer, work).await.map(Ok)
    }

    /// Makes a nonce known to all nodes.
    ///
    /// # Errors
    /// [`StorageError::Replayed`] when it is known already.
    pub(crate) async fn spend(
        &self,
        clock: &dyn Clock,
        sealer: &Sealer,
        row: NonceRow,
    ) -> Result<(), StorageError> {
        let connection = self.spending.take().await?;
        let operation = Box::pin(async {
            let mut statements = PostgresStatements::new(&connection, connection.client());
            let raised = Raised::default();
            let mut tx = Tx::new(&mut statements, clock, sealer, &raised);
            nonce_rows::insert(&mut tx, &row).await
        });
        let done = connection.begin().of(operation).await?;
        connection.end(&done);
        done
    }

    /// Makes a change whether or not anybody waits for it.
    pub(crate) fn queue<T, F>(
        &self,
        clock: Arc<dyn Clock>,
        sealer: Arc<Sealer>,
        work: F,
    ) -> Result<Awaited<T>, StorageError>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx<'t>) -> Work<'t, T> + Clone + Send + 'static,
    {
        let runtime = Handle::try_current().map_err(|_| StorageError::Stopped)?;
        let (reply, answer) = oneshot::channel();
        let (pool, committed) = (Arc::clone(&self.pool), Arc::clone(&self.committed));
        let _task: JoinHandle<()> = self.unattended.spawn_on(
            async move {
                let _ = reply.send(write(&pool, &committed, &*clock, &sealer, work).await);
            },
            &runtime,
        );
        Ok(answer)
    }

    /// Returns after every change that was handed over has been made or has failed.
    pub(crate) async fn flush(&self) -> Result<(), StorageError> {
        self.unattended.close();
        self.unattended.wait().await;
        self.unattended.reopen();
        self.committed.notifications.flush().await;
        Ok(())
    }

    /// How many transactions have been committed by this node.
    pub(crate) fn commits(&self) -> u64 {
        self.committed.count.load(Ordering::Relaxed)
    }

    /// Tells the other nodes that something has happened to this user.
    #[cfg(test)]
    pub(crate) fn announce(&self, user: UserKey) {
        self.committed.notifications.announce(user);
    }

    /// Calls `wake` for what other nodes announce, for as long as it is awaited; with `None` when something may have been missed.
    pub(crate) async fn hear(&self, wake: &(dyn Fn(Option<UserKey>) + Sync)) {
        self.committed.notifications.hear(wake).await;
    }
}

/// How often a change is made again that the database has undone because of another one.
const REPEATS: u32 = 3;

/// Makes a change. One that the database has undone because of another one is made again, after a short time that differs from node to node.
async fn write<T, F>(
    pool: &Pool,
    committed: &Committed,
    clock: &dyn Clock,
    sealer: &Sealer,
    work: F,
) -> Result<T, StorageError>
where
    T: Send,
    F: for<'t> FnOnce(&'t mut Tx<'t>) -> Work<'t, T> + Clone + Send,
{
    for repeat in 1..=REPEATS {
        match write_once(pool, committed, clock, sealer, work.clone()).await {
            Err(error) if error.is_conflict() => {
                tracing::debug!(error = %causes(&error), repeat, "a change is made again");
                tokio::time::sleep(pause(repeat)?).await;
            }
            done => return done,
        }
    }
    write_once(pool, committed, clock, sealer, work).await
}

/// Up to 20 ms before the first repetition, up to 80 ms before the third.
fn pause(repeat: u32) -> Result<Duration, StorageError> {
    let [random] = random::bytes::<1>()?;
    Ok(Duration::from_micros(u64::from(random) * 78) * (1 << repeat.saturating_sub(1)))
}

async fn write_once<T, F>(
    pool: &Pool,
    committed: &Committed,
    clock: &dyn Clock,
    sealer: &Sealer,
    work: F,
) -> Result<T, StorageError>
where
    T: Send,
    F: for<'t> FnOnce(&'t mut Tx<'t>) -> Work<'t, T> + Send,
{
    let mut connection = pool.take().await?;
    let limit = connection.begin();
    let is_committing = AtomicBool::new(false);
    let raised = Raised::default();
    let operation = Box::pin(async {
        let (client, prepared) = connection.parts();
        let transaction = client.transaction().await?;
        let done = {
            let mut statements = PostgresStatements::within(prepared, &transaction);
            let mut tx = Tx::new(&mut statements, clock, sealer, &raised);
            work(&mut tx).await
        };
        match done {
            Ok(value) => {
                is_committing.store(true, Ordering::Relaxed);
                transaction.commit().await.map_err(not_committed)?;
                committed.one(&raised);
                Ok(value)
            }
            Err(error) => {
                // A connection that cannot even do that is found out when it is used next.
                let _ = transaction.rollback().await;
                Err(error)
            }
        }
    });
    match limit.of(operation).await {
        Ok(done) => {
            connection.end(&done);
            done
        }
        Err(given_up) if is_committing.load(Ordering::Relaxed) => {
            tracing::error!(
                "a commit has no answer: the database is away, or it waits for a synchronous standby (synchronous_standby_names)"
            );
            Err(StorageError::MaybeCommitted(given_up.why()))
        }
        Err(given_up) => Err(given_up.into()),
    }
}

/// There is no place beside the data that all nodes see.
fn find_keys(keys: &MasterKeySource) -> Result<&MasterKeys, StorageError> {
    match keys {
        MasterKeySource::Keys(keys) => Ok(keys),
        MasterKeySource::BesideData => Err(StorageError::NoMasterKey),
    }
}

/// How often those who wait look again by themselves: a notification can be lost with its connection.
pub(crate) const LOOK_AGAIN: Duration = Duration::from_secs(2);

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres").finish_non_exhaustive()
    }
}
