//! Writing down what time does by itself: unanswered questions, sessions that are over, links and nonces that are of no use any more.
//!
//! A late timer grants no access and keeps none: every reader of a session works out its state from its deadline
//! ([`iampass_server_domain::rules`]). The timers make it stick, wake who waits, and free space.

use std::sync::Arc;
use std::time::Duration;

use iampass_core::port::Clock;
use iampass_server_domain::push::PushService;
use iampass_server_storage::{Database, Kept, StorageError};
use tokio::time::Instant;

use crate::app::App;
use crate::clock_watch::ClockWatch;
use crate::pushing::Pushing;
use crate::seen_nonces::SeenNonces;

/// How often there is a look whatever the deadlines are, and how often what is of no more use is freed.
const AT_LEAST_EVERY: Duration = Duration::from_secs(60);
/// Between two looks, however many logins start: a deadline that is written down later counts all the same.
const AT_MOST_EVERY: Duration = Duration::from_millis(250);
/// Between two steps of freeing, so that most of the store's time is left to others.
const BETWEEN_STEPS: Duration = Duration::from_millis(50);

/// Does what time does.
pub(crate) struct Timers {
    database: Arc<Database>,
    clock: Arc<dyn Clock>,
    clock_watch: Arc<ClockWatch>,
    nonces: Arc<SeenNonces>,
    /// How long ended sessions are kept.
    keep_ended: Duration,
    signature_window: Duration,
    /// The push services that this node has a way to.
    services: Vec<PushService>,
}

impl Timers {
    /// Of the service with these parts.
    pub(crate) fn of(app: &App) -> Self {
        Self {
            database: Arc::clone(&app.database),
            clock: Arc::clone(&app.config.clock),
            clock_watch: Arc::clone(&app.clock_watch),
            nonces: Arc::clone(&app.nonces),
            keep_ended: app.config.keep_ended_sessions,
            signature_window: app.config.signature_window,
            services: app.pushing.as_ref().map(Pushing::services).unwrap_or_default(),
        }
    }

    /// Writes deadlines down for as long as the service runs.
    pub(crate) async fn write_deadlines_down(&self) {
        let signals = self.database.signals();
        loop {
            if let Err(error) = self.settle_due().await {
                tracing::error!(%error, "deadlines could not be written down; they count all the same");
            }
            self.clock_watch.look();
            // Until the next deadline is known, every new one wakes this task.
            signals.expect_deadline(None);
            let now = self.clock.now().wall;
            let latest = now.plus(AT_LEAST_EVERY);
            let next = self.database.next_due().await.ok().flatten().unwrap_or(latest).min(latest);
            signals.expect_deadline(Some(next));
            // One second at least, so that a store that fails is not asked without pause.
            let wait = next.since(now).max(Duration::from_secs(1));
            tokio::time::sleep(AT_MOST_EVERY).await;
            tokio::select! {
                () = tokio::time::sleep(wait.saturating_sub(AT_MOST_EVERY)) => {}
                () = signals.earlier_deadline() => {}
            }
        }
    }

    /// Frees space for as long as the service runs.
    pub(crate) async fn free_space(&self) {
        let mut settled_at: Option<Instant> = None;
        loop {
            // Settling reads much, so the steps of freeing do not repeat it.
            if settled_at.is_none_or(|at| at.elapsed() >= AT_LEAST_EVERY) {
                settled_at = Some(Instant::now());
                if let Err(error) = self.settle_events(BETWEEN_STEPS).await {
                    tracing::error!(%error, "events beyond their bounds could not be ended; it is tried again");
                }
            }
            let wait = match self.tidy().await {
                Ok(true) => BETWEEN_STEPS,
                Ok(false) => AT_LEAST_EVERY,
                Err(error) => {
                    tracing::error!(%error, "expired data could not be removed; it is tried again");
                    AT_LEAST_EVERY
                }
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.database.signals().to_free() => {}
            }
        }
    }

    /// Does by now whatever time does.
    pub(crate) async fn run_due_tasks(&self) -> Result<(), StorageError> {
        self.settle_due().await?;
        self.settle_events(Duration::ZERO).await?;
        while self.tidy().await? {}
        Ok(())
    }

    /// Writes down every deadline that has passed.
    async fn settle_due(&self) -> Result<(), StorageError> {
        loop {
            let (_, more) = self.database.settle_due().await?;
            if !more {
                return Ok(());
            }
        }
    }

    /// Ends and removes events until none is beyond its bounds, with a pause between two steps.
    async fn settle_events(&self, between: Duration) -> Result<(), StorageError> {
        while self.database.settle_events().await? {
            tokio::time::sleep(between).await;
        }
        Ok(())
    }

    /// Frees some of what is of no more use; whether there is more.
    async fn tidy(&self) -> Result<bool, StorageError> {
        let now = self.clock.now().wall;
        self.clock_watch.look();
        let kept = Kept {
            ended: self.keep_ended,
            signature_window: self.signature_window,
            clock_ahead: self.clock_watch.ahead(),
        };
        if let Some(until) = self.nonces.forgotten_until(now) {
            tracing::error!(
                until = until.0,
                seconds = until.since(now).as_secs(),
                "signed calls of this time are refused for so many seconds: the clock is behind that of calls which this service has taken, and whose nonces it has deleted. Set the clock right, if it is not"
            );
        }
        let more = self.database.tidy(now, kept, self.services.clone()).await?;
        // The clock may have been set back meanwhile: nothing that was taken since then is forgotten.
        self.nonces.forget_expired(now.min(self.clock.now().wall));
        Ok(more)
    }
}
