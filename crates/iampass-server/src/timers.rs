//! Writing down what time does by itself: unanswered questions, sessions that are over, links and nonces that are of no use any more.
//!
//! Nobody is let in or kept in by a timer that is late: whoever reads a session works out its state from its deadline
//! ([`crate::rules`]). The timers make it stick, wake who waits, and free space.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use iampass_core::UnixSeconds;
use tokio::sync::Notify;

use crate::service::App;
use crate::storage::StorageError;

/// How often there is a look whatever the deadlines are: nonces and links have none of their own here.
const AT_LEAST_EVERY: Duration = Duration::from_secs(60);

/// The one alarm clock of a service.
#[derive(Debug)]
pub(crate) struct Timers {
    next: AtomicU64,
    earlier: Notify,
}

impl Timers {
    pub(crate) fn new() -> Self {
        Self { next: AtomicU64::new(u64::MAX), earlier: Notify::new() }
    }

    /// A deadline has come up that may be earlier than the next known one.
    pub(crate) fn wake_before(&self, due_at: Option<UnixSeconds>) {
        if due_at.is_some_and(|due_at| due_at.0 < self.next.load(Ordering::SeqCst)) {
            self.earlier.notify_one();
        }
    }

    /// Runs for as long as the service does.
    pub(crate) async fn run(&self, app: &App) {
        loop {
            if let Err(error) = app.catch_up().await {
                tracing::error!(%error, "deadlines could not be written down; they count all the same");
            }
            // Until the next deadline is known, every new one wakes this task.
            self.next.store(u64::MAX, Ordering::SeqCst);
            let now = app.now();
            let latest = now.plus(AT_LEAST_EVERY);
            let next = app.database.next_due().await.ok().flatten().unwrap_or(latest).min(latest);
            self.next.store(next.0, Ordering::SeqCst);
            // One second at least, so that a store that fails is not asked without pause.
            let wait = next.since(now).max(Duration::from_secs(1));
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.earlier.notified() => {}
            }
        }
    }
}

impl App {
    /// Writes down everything that is due by now.
    pub(crate) async fn catch_up(&self) -> Result<(), StorageError> {
        let now = self.now();
        loop {
            let (users, more) = self.database.settle_due().await?;
            for user in users {
                self.wake(user);
            }
            if !more {
                break;
            }
        }
        let before = |age: Duration| UnixSeconds(now.0.saturating_sub(age.as_secs()));
        self.database.purge_links().await?;
        self.database.settle_deliveries(before(self.config.keep_ended_sessions)).await?;
        self.database.purge_nonces(now, self.config.signature_window).await?;
        self.database.purge_ended(before(self.config.keep_ended_sessions)).await?;
        self.seen().forget_expired(now);
        self.wakeups.sweep();
        self.deliveries.wake();
        Ok(())
    }
}
