//! Changes: those that meet a commit share one transaction (group commit).
//!
//! A change alone has a transaction of its own, with all the time that there is. Changes that share one are each made in a savepoint, one after
//! the other, and have one commit. Their nonces are stored first, by one statement, so they stay spent where a change fails. A change that fails is
//! undone alone. When all of them are undone, each is made again alone, so that every caller hears of its own change.
//!
//! # Locks
//! A change takes its locks in the order that all changes keep (user before session, and so on), so that changes alone never wait for each
//! other in a circle. Changes that share a transaction add their locks up, in any order. So none of these waits for a lock longer than 20 ms: it
//! is undone, which gives its own locks back, and made again alone. A circle needs waits that do not end, and a transaction that others share has
//! none. The locks of the others are held for as long as the transaction, whose changes are few and take 250 ms at most; one that needs longer
//! is made again alone as well. The same holds between nodes, where two of them store the same nonce at the same time.
//!
//! # Faults
//! A server that does not answer is given up as for any operation ([`super::pool`]). A lost answer to a commit is told to all whose changes it
//! was: nothing is made again that may have happened.

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;

use super::announcements::Announcements;
use super::changes::{Change, HandedIn, Means};
use super::company::{Member, make_all};
use super::gathering::{Committing, Gathering, Group, Running, hand_in, hand_in_surely};
use super::pool::{GivenUp, Pool};
use super::spending::Spending;
use super::statements::PostgresStatements;
use crate::error::causes;
use crate::locked::locked;
use crate::nonce_rows::NonceRow;
use crate::port::Prediction;
use crate::signals::{News, Raised, Signals};
use crate::{Awaited, StorageError, Tx, Work};
use iampass_server_domain::random;

/// Makes the changes of a node.
pub(super) struct Writing {
    pool: Arc<Pool>,
    spending: Arc<Spending>,
    announcements: Arc<Announcements>,
    signals: Arc<Signals>,
    commits: AtomicU64,
    gathering: Gathering<Box<dyn Change>>,
    /// Changes that are being made, and those that wait.
    tasks: TaskTracker,
    under_way: Mutex<UnderWay>,
}

impl Group for Writing {
    type Job = Box<dyn Change>;

    fn gathering(&self) -> &Gathering<Self::Job> {
        &self.gathering
    }

    fn side_by_side(&self) -> usize {
        SIDE_BY_SIDE
    }

    fn begin(self: &Arc<Self>, mut changes: Vec<Self::Job>) {
        let (writing, running) = (Arc::clone(self), Running::of(self));
        self.spawn(async move {
            let _running = running;
            match (changes.pop(), changes.is_empty()) {
                (Some(change), true) => writing.alone(change).await,
                (Some(last), false) => {
                    changes.push(last);
                    writing.in_company(changes).await;
                }
                (None, _) => {}
            }
        });
    }
}

/// Transactions that run side by side while one more change begins at once. A change that comes beside one waits for it, a few milliseconds at most, and has
/// company by then.
const SIDE_BY_SIDE: usize = 1;

/// How long a caller whose change has failed waits until its nonce is spent by itself.
const NONCE_BY_ITSELF: Duration = Duration::from_secs(1);

/// Changes that were handed in since a change was queued up.
struct UnderWay {
    /// Each of them holds it.
    held: mpsc::Sender<Infallible>,
    ended: mpsc::Receiver<Infallible>,
}

impl UnderWay {
    fn new() -> Self {
        let (held, ended) = mpsc::channel(1);
        Self { held, ended }
    }

    /// Returns when none of them is under way any more.
    async fn ended(mut self) {
        drop(self.held);
        let _: Option<Infallible> = self.ended.recv().await;
    }
}

/// The transaction of one change, or of several.
struct Transaction<'c> {
    statements: PostgresStatements<'c>,
    /// Set before the commit is sent: from then on a lost answer leaves open whether it is done.
    is_committing: &'c AtomicBool,
}

/// How often a change is made again that the database has undone because of another one.
const REPEATS: u32 = 3;

impl Writing {
    pub(super) fn new(
        pool: Arc<Pool>,
        spending: Arc<Spending>,
        announcements: Arc<Announcements>,
        signals: Arc<Signals>,
    ) -> Arc<Self> {
        Arc::new(Self {
            pool,
            spending,
            announcements,
            signals,
            commits: AtomicU64::new(0),
            gathering: Gathering::new(),
            tasks: TaskTracker::new(),
            under_way: Mutex::new(UnderWay::new()),
        })
    }

    /// Hands in a change. It is made whether or not anybody waits for it.
    pub(super) fn hand_in<T, F>(
        self: &Arc<Self>,
        means: Means,
        nonce: Option<NonceRow>,
        foreseen: Option<Arc<dyn Prediction>>,
        work: F,
    ) -> Result<Awaited<T>, StorageError>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx<'t>) -> Work<'t, T> + Clone + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let is_under_way = locked(&self.under_way).held.clone();
        hand_in(self, handed_in(means, (nonce, foreseen), work, reply, is_under_way))?;
        Ok(answer)
    }

    /// Hands in a change that is made after all that were handed in before, whether or not their callers are still there.
    pub(super) fn queue<T, F>(self: &Arc<Self>, means: Means, work: F) -> Awaited<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx<'t>) -> Work<'t, T> + Clone + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let next = UnderWay::new();
        let is_under_way = next.held.clone();
        let before = std::mem::replace(&mut *locked(&self.under_way), next);
        let writing = Arc::clone(self);
        self.spawn(async move {
            before.ended().await;
            hand_in_surely(&writing, handed_in(means, (None, None), work, reply, is_under_way));
        });
        answer
    }

    /// Returns after every change that was handed in has been made or has failed.
    pub(super) async fn flush(&self) {
        self.tasks.close();
        self.tasks.wait().await;
        self.tasks.reopen();
    }

    /// How many transactions have been committed.
    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        drop(self.tasks.spawn_on(task, self.gathering.runtime()));
    }

    /// Makes a change in a transaction of its own. One that the database has undone because of another one is made again, after a short time that
    /// differs from node to node.
    async fn alone(self: Arc<Self>, change: Box<dyn Change>) {
        let mut change = Some(change);
        for repeat in 1.. {
            match self.once(&mut change).await {
                Err(error) if error.is_conflict() && repeat <= REPEATS => {
                    tracing::debug!(error = %causes(&error), repeat, "a change is made again");
                    tokio::time::sleep(pause(repeat)).await;
                }
                Err(error) => return self.fail(change, error).await,
                Ok(()) => return,
            }
        }
    }

    /// Tells a caller that its change has failed, after its nonce is spent all the same. Where that does not come to an end it is not waited for.
    async fn fail(&self, change: Option<Box<dyn Change>>, error: StorageError) {
        let Some(mut change) = change else { return };
        if let Some(nonce) = change.take_nonce().filter(|_| !matches!(error, StorageError::Replayed)) {
            let spent = self.spending.spend_behind(nonce);
            let _ = tokio::time::timeout(NONCE_BY_ITSELF, spent).await;
        }
        change.answer(Err(error));
    }

    async fn once(self: &Arc<Self>, change: &mut Option<Box<dyn Change>>) -> Result<(), StorageError> {
        let (connection, _permit) = self.pool.take_for_change().await?;
        let limit = connection.begin();
        let is_committing = AtomicBool::new(false);
        let operation = Box::pin(async {
            let Some(made) = change else { return Ok(()) };
            let statements = PostgresStatements::of_one(&connection, made.nonce().cloned(), made.foreseen());
            let mut transaction = Transaction { statements, is_committing: &is_committing };
            let done = match made.make(&mut transaction.statements).await {
                Ok(()) => transaction.statements.is_to_be_kept().await,
                Err(error) => Err(error),
            };
            if let Err(error) = done {
                transaction.statements.roll_back().await;
                return Err(error);
            }
            let news = made.raised().news();
            let settled = || {
                if let Some(change) = change.take() {
                    self.signals.send(change.raised());
                    change.answer(Ok(()));
                }
            };
            self.commit(transaction, &news, settled).await
        });
        match limit.of(operation).await {
            Ok(done) => {
                connection.end(&done);
                done
            }
            Err(given_up) => match change {
                Some(_) => Err(told(given_up, &is_committing)),
                // The commit is done.
                None => Ok(()),
            },
        }
    }

    /// Commits, and tells other nodes. `settled` is called as soon as the commit is done. Where it is not, the transaction is over all the same: the
    /// connection serves others next.
    async fn commit(
        self: &Arc<Self>,
        mut transaction: Transaction<'_>,
        news: &[News],
        settled: impl FnOnce(),
    ) -> Result<(), StorageError> {
        let done = self.commit_or_fail(&mut transaction, news, settled).await;
        if done.as_ref().is_err_and(|error| !matches!(error, StorageError::MaybeCommitted(_))) {
            transaction.statements.roll_back().await;
        }
        done
    }

    async fn commit_or_fail(
        self: &Arc<Self>,
        Transaction { statements, is_committing }: &mut Transaction<'_>,
        news: &[News],
        settled: impl FnOnce(),
    ) -> Result<(), StorageError> {
        if !statements.is_untouched() {
            let _committing = Committing::of(self);
            is_committing.store(true, Ordering::Relaxed);
            statements.commit().await?;
            self.commits.fetch_add(1, Ordering::Relaxed);
        }
        self.announcements.add(news);
        settled();
        Ok(())
    }

    /// Makes changes in one transaction. Those that come of it with neither a commit nor an error of their own are made again alone.
    async fn in_company(self: Arc<Self>, changes: Vec<Box<dyn Change>>) {
        let mut company: Vec<_> = changes.into_iter().map(Member::new).collect();
        let (connection, _permit) = match self.pool.take_for_change().await {
            Ok(taken) => taken,
            Err(error) => return self.fail_all(company, &error),
        };
        let limit = connection.begin();
        let is_committing = AtomicBool::new(false);
        let operation = Box::pin(async {
            let statements = PostgresStatements::of_several(&connection);
            let mut transaction = Transaction { statements, is_committing: &is_committing };
            if let Err(error) = make_all(&connection, &mut transaction.statements, &mut company).await {
                transaction.statements.roll_back().await;
                return Err(error);
            }
            let news = company.iter().filter(|one| one.is_made()).flat_map(|one| one.change.raised().news());
            let news: Vec<_> = news.collect();
            let settled = || company = self.settle(std::mem::take(&mut company));
            self.commit(transaction, &news, settled).await
        });
        let done = limit.of(operation).await;
        let is_settled = company.iter().all(|one| one.is_settled);
        match done {
            Ok(done) => {
                connection.end(&done);
                match done {
                    // It may have happened.
                    Err(error @ StorageError::MaybeCommitted(_)) if !is_settled => {
                        self.fail_all(company, &error)
                    }
                    _ => self.each_alone(company),
                }
            }
            Err(_) if is_settled => self.each_alone(company),
            Err(given_up) => self.fail_all(company, &told(given_up, &is_committing)),
        }
    }

    /// Answers those that are committed or have failed by themselves. The others are to be made again; their nonces are stored, or were taken back.
    fn settle(&self, company: Vec<Member>) -> Vec<Member> {
        let mut again = Vec::new();
        for mut one in company {
            match one.made.take() {
                Some(Ok(())) => {
                    self.signals.send(one.change.raised());
                    one.change.answer(Ok(()));
                }
                Some(Err(error)) => one.change.answer(Err(error)),
                None => {
                    // The nonce of a foreseen signer was taken back: both are read again with the change.
                    if one.change.foreseen().is_none() {
                        drop(one.change.take_nonce());
                    }
                    again.push(Member { is_settled: true, ..one });
                }
            }
        }
        again
    }

    fn each_alone(self: &Arc<Self>, company: Vec<Member>) {
        for one in company {
            self.spawn(Arc::clone(self).alone(one.change));
        }
    }

    fn fail_all(self: &Arc<Self>, company: Vec<Member>, error: &StorageError) {
        for one in company {
            let (writing, error) = (Arc::clone(self), error.for_one_more());
            self.spawn(async move { writing.fail(Some(one.change), error).await });
        }
    }
}

fn handed_in<T, F>(
    means: Means,
    (nonce, foreseen): (Option<NonceRow>, Option<Arc<dyn Prediction>>),
    work: F,
    reply: oneshot::Sender<Result<T, StorageError>>,
    is_under_way: mpsc::Sender<Infallible>,
) -> Box<dyn Change>
where
    T: Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx<'t>) -> Work<'t, T> + Clone + Send + 'static,
{
    let raised = Raised::default();
    Box::new(HandedIn {
        work,
        means,
        nonce,
        foreseen,
        raised,
        value: None,
        reply,
        _is_under_way: is_under_way,
    })
}

/// The error of a change whose connection was given up.
fn told(given_up: GivenUp, is_committing: &AtomicBool) -> StorageError {
    if !is_committing.load(Ordering::Relaxed) {
        return given_up.into();
    }
    tracing::error!(
        "a commit has no answer: the database is away, or it waits for a synchronous standby (synchronous_standby_names)"
    );
    StorageError::MaybeCommitted(given_up.why())
}

/// Up to 20 ms before the first repetition, up to 80 ms before the third.
fn pause(repeat: u32) -> Duration {
    let [random] = random::bytes::<1>().unwrap_or([128]);
    Duration::from_micros(u64::from(random) * 78) * (1 << repeat.saturating_sub(1))
}
