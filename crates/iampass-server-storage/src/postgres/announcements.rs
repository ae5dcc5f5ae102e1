//! News for other nodes. A notification goes along with the next statement of this node that spends
//! nonces, so it is no transaction of its own; where none comes within five milliseconds, it is sent by itself.
//!
//! It is never in the transaction of its change: a lock of the server would let no two such transactions of all nodes be committed at the same time,
//! for as long as each takes to the disk. The statements that it goes along with do not wait for the disk.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

use super::notifications::{self, ANNOUNCE};
use super::pool::Pool;
use super::statements::PostgresStatements;
use crate::StorageError;
use crate::locked::locked;
use crate::signals::News;

/// How long a notification waits for something to go along with. Tests count trips, on machines that may be busy.
const PATIENCE: Duration = Duration::from_millis(if cfg!(test) { 100 } else { 5 });

/// The notifications of a node that are to be sent.
pub(super) struct Announcements {
    pool: Arc<Pool>,
    news: Mutex<Vec<News>>,
    runtime: Handle,
    tasks: TaskTracker,
}

/// News that are about to be told.
#[derive(Default)]
pub(super) struct Told(Vec<News>);

impl Told {
    /// Whether there is nothing to be told.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The texts of the notifications.
    pub(super) fn texts(&self) -> Vec<String> {
        notifications::texts(&self.0)
    }
}

impl Announcements {
    /// None, within the runtime in which this is called.
    pub(super) fn new(pool: &Arc<Pool>) -> Arc<Self> {
        let (news, tasks) = (Mutex::default(), TaskTracker::new());
        Arc::new(Self { pool: Arc::clone(pool), news, runtime: Handle::current(), tasks })
    }

    /// Tells other nodes soon.
    pub(super) fn add(self: &Arc<Self>, news: &[News]) {
        if news.is_empty() {
            return;
        }
        let are_first = {
            let mut waiting = locked(&self.news);
            let are_first = waiting.is_empty();
            waiting.extend_from_slice(news);
            are_first
        };
        if are_first {
            let announcements = Arc::clone(self);
            let sending = async move {
                tokio::time::sleep(PATIENCE).await;
                announcements.send().await;
            };
            drop(self.tasks.spawn_on(sending, &self.runtime));
        }
    }

    /// Those that wait, to be sent along with something else.
    pub(super) fn take(&self) -> Told {
        let mut news = std::mem::take(&mut *locked(&self.news));
        news.sort_unstable();
        news.dedup();
        Told(news)
    }

    /// They could not be sent.
    pub(super) fn give_back(self: &Arc<Self>, told: Told) {
        self.add(&told.0);
    }

    /// They could not be sent along with something else, perhaps for what they are: they are sent by themselves, once.
    pub(super) fn send_alone(self: &Arc<Self>, told: Told) {
        let announcements = Arc::clone(self);
        drop(self.tasks.spawn_on(async move { announcements.tell(told).await }, &self.runtime));
    }

    /// Returns after all have been sent, or could not be.
    pub(super) async fn flush(&self) {
        self.tasks.close();
        self.tasks.wait().await;
        self.tasks.reopen();
    }

    async fn send(&self) {
        self.tell(self.take()).await;
    }

    async fn tell(&self, told: Told) {
        if told.is_empty() {
            return;
        }
        if let Err(error) = self.announce(&told.texts()).await {
            tracing::warn!(%error, "a notification to other nodes failed; they find the change by polling");
        }
    }

    async fn announce(&self, texts: &[String]) -> Result<(), StorageError> {
        let connection = self.pool.take().await?;
        let sending = Box::pin(async {
            let statement = PostgresStatements::new(&connection).prepare(ANNOUNCE).await?;
            connection.client().query(&statement, &[&texts]).await?;
            Ok(())
        });
        let done = connection.begin().of(sending).await?;
        connection.end(&done);
        done
    }
}
