//! `/healthz` and `/readyz`: finding out whether this node can do its work.
//!
//! Belongs here: what is asked of the parts, and how often. Does not belong here: the words of the answers ([`crate::health`]), and how the
//! store is asked ([`iampass_server_storage`]).

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use iampass_core::UnixSeconds;
use iampass_core::port::Clock as CoreClock;
use iampass_server_storage::{Database, StorageError};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::app::App;
use crate::clock_watch::{ClockFinding, ClockWatch};
use crate::health::{Alive, Clock, Found, Readiness, Store};
use crate::problem::json;
use crate::seen_nonces::SeenNonces;
use crate::shutdown::Shutdown;

/// How long a finding is good for: however often it is asked for, the store is asked once in this time.
const GOOD_FOR: Duration = Duration::from_secs(1);
/// How long the store may take.
const LONGEST: Duration = Duration::from_secs(2);

/// Finds out how this node is.
pub(crate) struct HealthCheck {
    database: Arc<Database>,
    clock: Arc<dyn CoreClock>,
    /// The window of signatures.
    window: Duration,
    clock_watch: Arc<ClockWatch>,
    nonces: Arc<SeenNonces>,
    shutdown: Arc<Shutdown>,
    /// The last finding, and its time.
    last: Mutex<Option<(Instant, Found)>>,
}

/// Serves both.
pub(crate) fn router<S: Clone + Send + Sync + 'static>(check: Arc<HealthCheck>) -> Router<S> {
    Router::new().route("/healthz", get(alive)).route("/readyz", get(ready)).with_state(check)
}

async fn alive() -> Response {
    json(StatusCode::OK, &Alive { status: true })
}

async fn ready(State(check): State<Arc<HealthCheck>>) -> Response {
    let readiness = check.readiness().await;
    let code = if readiness.status { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    json(code, &readiness)
}

impl HealthCheck {
    /// Of the service with these parts.
    pub(crate) fn of(app: &App) -> Self {
        Self {
            database: Arc::clone(&app.database),
            clock: Arc::clone(&app.config.clock),
            window: app.config.signature_window,
            clock_watch: Arc::clone(&app.clock_watch),
            nonces: Arc::clone(&app.nonces),
            shutdown: Arc::clone(&app.shutdown),
            last: Mutex::default(),
        }
    }

    /// The finding of now.
    pub(crate) async fn readiness(&self) -> Readiness {
        let stopping = self.shutdown.is_announced();
        let Found { store, clocks_differ } = self.store().await;
        let (clock, takes_calls) = self.clock(clocks_differ);
        let status = store == Store::Ok && takes_calls && !stopping;
        Readiness { status, store, clock, stopping }
    }

    /// Callers share one look, and wait for the one who looks.
    async fn store(&self) -> Found {
        let mut last = self.last.lock().await;
        if let Some((at, found)) = *last
            && at.elapsed() < GOOD_FOR
        {
            return found;
        }
        let asked = async {
            let condition = self.database.condition().await?;
            let clocks_differ = condition.now.is_some_and(|theirs| self.differs(theirs));
            if condition.has_current_schema {
                self.database.takes_changes().await?;
            }
            let store = if condition.has_current_schema { Store::Ok } else { Store::OtherSchema };
            Ok::<_, StorageError>(Found { store, clocks_differ })
        };
        let found = match timeout(LONGEST, asked).await {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => told(&error).into(),
            Err(_) => {
                tracing::warn!(
                    seconds = LONGEST.as_secs(),
                    "a small change is not committed in time: this node is not ready. The store is away, or waits for a synchronous standby"
                );
                Store::TooSlow.into()
            }
        };
        *last = Some((Instant::now(), found));
        found
    }

    /// Whether the database's clock says another time than this machine's, by more than the window of signatures.
    fn differs(&self, theirs: UnixSeconds) -> bool {
        let ours = self.clock.now().wall;
        let seconds = ours.0.abs_diff(theirs.0);
        let differs = seconds > self.window.as_secs();
        if differs {
            tracing::error!(
                ours = ours.0,
                database = theirs.0,
                seconds,
                "the clock of this machine and the database's differ by more than the window of signatures: this node is not ready. Check the time synchronisation of both"
            );
        }
        differs
    }

    /// How the clock is, and whether calls are taken with it.
    fn clock(&self, differs_from_store: bool) -> (Clock, bool) {
        let finding = self.clock_watch.look();
        if differs_from_store {
            return (Clock::OffFromStore, false);
        }
        if self.nonces.has_forgotten(self.clock.now().wall) {
            return (Clock::SetBack, false);
        }
        let clock = match finding {
            ClockFinding::Agree => Clock::Ok,
            ClockFinding::SteppedAhead => Clock::SteppedAhead,
            ClockFinding::SetBack => Clock::SetBack,
        };
        (clock, true)
    }
}

fn told(error: &StorageError) -> Store {
    match error {
        StorageError::Replaced { .. } => {
            tracing::error!(%error, "this node is not ready");
            Store::Replaced
        }
        error if error.is_read_only() => {
            tracing::error!(%error, "the store takes no changes: this node is not ready");
            Store::ReadOnly
        }
        error => {
            tracing::warn!(%error, "the store cannot be reached: this node is not ready");
            Store::Unreachable
        }
    }
}
