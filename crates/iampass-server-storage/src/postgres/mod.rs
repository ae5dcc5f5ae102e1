//! One node of many over one PostgreSQL.
//!
//! Whatever a node has to know, all nodes have to know: nothing here is kept in memory but prepared statements, and predictions that the rows decide on
//! ([`super::foreseen`]). Belongs here: how PostgreSQL
//! is reached, and what it does in ways of its own. Does not belong here: what is stored (the operations, beside this directory).

mod announcements;
mod asking;
mod backup_file;
mod by_one_statement;
mod changes;
mod client_programs;
mod company;
mod connecting;
mod gathering;
mod long_work;
mod node_name;
mod notifications;
mod pool;
mod pooler;
mod programs;
mod reading_again;
#[cfg(test)]
mod restore_tests;
mod schema;
mod sending;
mod servers;
mod spending;
mod statements;
mod translating;
mod url;
mod url_parameters;
mod writing;

use std::sync::Arc;
use std::time::Duration;

use iampass_core::port::Clock;

use self::announcements::Announcements;
use self::asking::Asking;
use self::changes::Means;
use self::connecting::{Connector, Purpose};
#[cfg(test)]
use self::gathering::Committing;
pub(crate) use self::node_name::{NodeName, SEEN_NODES};
use self::notifications::Notifications;
use self::pool::Pool;
pub use self::programs::dump;
pub(crate) use self::programs::restore;
pub(crate) use self::schema::{CONDITION, KNOWN as KNOWN_SCHEMA};
use self::servers::Servers;
use self::spending::Spending;
use self::statements::PostgresStatements;
pub use self::url::{DatabaseUrl, InvalidDatabaseUrl};
use self::writing::Writing;
use super::nonce_rows::NonceRow;
use super::port::{Asks, Prediction};
use super::sealing::Sealer;
use super::signals::{News, Raised, Signals};
use super::{Awaited, Migrations, Row, StorageError, Tx, Work};
use crate::master_key::{MasterKeySource, MasterKeys};

/// The database, as one node reaches it.
pub(crate) struct Postgres {
    /// For everything that has to be on the disk when it is answered, and for reads.
    pool: Arc<Pool>,
    writing: Arc<Writing>,
    spending: Arc<Spending>,
    asking: Arc<Asking>,
    announcements: Arc<Announcements>,
    means: Means,
    notifications: Notifications,
}

impl Postgres {
    /// Reaches the database and brings it to the current schema.
    pub(crate) async fn open(
        url: &DatabaseUrl,
        keys: &MasterKeySource,
        migrations: Migrations,
        clock: &Arc<dyn Clock>,
        signals: Arc<Signals>,
    ) -> Result<(Self, Arc<Sealer>), StorageError> {
        let sealer = Arc::new(Sealer::new(find_keys(keys)?)?);
        let servers = Servers::new();
        let connector = |purpose| Connector::new(url, purpose, servers.clone());
        let pool = Arc::new(Pool::new(connector(Purpose::Keeping)?)?);
        pooler::refuse_transaction_mode(&pool).await?;
        schema::bring_up(&pool, migrations).await?;
        schema::compare_clocks(&pool, &**clock).await?;
        let for_nonces = Arc::new(Pool::new(connector(Purpose::Spending)?)?);
        let spending = Spending::new(Arc::clone(&for_nonces));
        let announcements = Announcements::new(&for_nonces);
        let asking = Asking::new(&for_nonces, &announcements);
        let notifications = Notifications::start(connector(Purpose::Hearing)?);
        let (for_writing, announced) = (Arc::clone(&pool), Arc::clone(&announcements));
        let writing = Writing::new(for_writing, Arc::clone(&spending), announced, signals);
        let means = Means { clock: Arc::clone(clock), sealer: Arc::clone(&sealer) };
        let postgres = Self { pool, writing, spending, asking, announcements, means, notifications };
        postgres.write(None, None, |tx| Box::pin(super::master_key_check::check_master_key(tx))).await?;
        // Better now than at the first login.
        postgres.write(None, None, |tx| Box::pin(super::writable::try_a_change(tx))).await?;
        Ok((postgres, sealer))
    }

    /// Does an operation that changes nothing.
    pub(crate) async fn read<T, F>(&self, work: F) -> Result<T, StorageError>
    where
        F: for<'t> FnOnce(&'t mut Tx<'t>) -> Work<'t, T> + Send,
    {
        let connection = self.pool.take().await?;
        let operation = Box::pin(async {
            let mut statements = PostgresStatements::new(&connection);
            let raised = Raised::default();
            let mut tx = Tx::new(&mut statements, &*self.means.clock, &self.means.sealer, &raised);
            work(&mut tx).await
        });
        let done = connection.begin().of(operation).await?;
        connection.end(&done);
        done
    }

    /// Makes a change and returns after it is on disk. A nonce is spent in the same transaction, and all the same if the change fails, unless its signer was
    /// foreseen and is not so.
    ///
    /// # Errors
    /// [`StorageError::NotAsForeseen`], [`StorageError::Replayed`]; those of the change and of its commit.
    pub(crate) async fn write<T, F>(
        &self,
        spent: Option<NonceRow>,
        foreseen: Option<Arc<dyn Prediction>>,
        work: F,
    ) -> Result<T, StorageError>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx<'t>) -> Work<'t, T> + Clone + Send + 'static,
    {
        let handed_in = self.writing.hand_in(self.means.clone(), spent.clone(), foreseen.clone(), work);
        if let (Err(_), Some(row), None) = (&handed_in, spent, &foreseen) {
            drop(self.spending.spend_behind(row));
        }
        let done = handed_in?.await.unwrap_or(Err(StorageError::Stopped));
        if let (Err(StorageError::MaybeCommitted(_) | StorageError::Stopped), Some(foreseen)) =
            (&done, foreseen)
        {
            foreseen.is_left_unclear();
        }
        done
    }

    /// The rows of a call that asks for this, and its nonce spent by the same statement. None where its secret is not the remembered one, or the nonce was
    /// spent before.
    pub(crate) async fn ask(
        &self,
        asks: Asks,
        nonce: NonceRow,
        sealed: Vec<u8>,
    ) -> Result<Vec<Row>, StorageError> {
        self.asking.ask(asks, nonce, sealed).await
    }

    /// Makes a nonce known to all nodes.
    ///
    /// # Errors
    /// [`StorageError::Replayed`] when it is known already.
    pub(crate) async fn spend(&self, row: NonceRow) -> Result<(), StorageError> {
        self.spending.spend(row).await
    }

    /// Makes a nonce known to all nodes soon.
    pub(crate) fn spend_behind(&self, row: NonceRow) {
        drop(self.spending.spend_behind(row));
    }

    /// Makes a change whether or not anybody waits for it, after all that were begun before.
    pub(crate) fn queue<T, F>(&self, work: F) -> Awaited<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx<'t>) -> Work<'t, T> + Clone + Send + 'static,
    {
        self.writing.queue(self.means.clone(), work)
    }

    /// Returns after every change that was handed over has been made or has failed.
    pub(crate) async fn flush(&self) -> Result<(), StorageError> {
        self.writing.flush().await;
        by_one_statement::flush(&*self.spending).await;
        by_one_statement::flush(&*self.asking).await;
        self.announcements.flush().await;
        Ok(())
    }

    /// Lets it seem, until this is dropped, as if calls that only read were being answered.
    #[cfg(test)]
    pub(crate) fn hold_asking(&self) -> impl Drop + use<> {
        Committing::of(&self.asking)
    }

    /// As [`Postgres::ask`], as if the call had failed among others.
    #[cfg(test)]
    pub(crate) async fn ask_again(
        &self,
        asks: Asks,
        nonce: NonceRow,
        sealed: Vec<u8>,
    ) -> Result<Vec<Row>, StorageError> {
        self.asking.ask_again(asks, nonce, sealed).await
    }

    /// How many calls that only read wait.
    #[cfg(test)]
    pub(crate) fn waiting_asks(&self) -> usize {
        gathering::Group::gathering(&*self.asking).waiting()
    }

    /// Lets it seem, until this is dropped, as if nonces were being stored.
    #[cfg(test)]
    pub(crate) fn hold_spending(&self) -> impl Drop + use<> {
        Committing::of(&self.spending)
    }

    /// How many nonces wait.
    #[cfg(test)]
    pub(crate) fn waiting_nonces(&self) -> usize {
        gathering::Group::gathering(&*self.spending).waiting()
    }

    /// Tells other nodes of this soon.
    #[cfg(test)]
    pub(crate) fn announce(&self, news: Vec<News>) {
        self.announcements.add(&news);
    }

    /// Lets it seem, until this is dropped, as if a commit were under way.
    #[cfg(test)]
    pub(crate) fn hold_commits(&self) -> impl Drop + use<> {
        Committing::of(&self.writing)
    }

    /// How many changes wait for a commit.
    #[cfg(test)]
    pub(crate) fn waiting_changes(&self) -> usize {
        gathering::Group::gathering(&*self.writing).waiting()
    }

    /// How many transactions have been committed by this node.
    pub(crate) fn commits(&self) -> u64 {
        self.writing.commits()
    }

    /// Calls `tell` for the news of nodes, this one among them, for as long as it is awaited; with `None` among them when something may have been missed.
    pub(crate) async fn hear(&self, tell: &(dyn Fn(&[Option<News>]) + Sync)) {
        self.notifications.hear(tell).await;
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
