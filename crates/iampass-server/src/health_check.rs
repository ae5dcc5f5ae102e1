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
use iampass_server_storage::StorageError;
use tokio::time::{Instant, timeout};

use crate::app::App;
use crate::clock_watch::ClockFinding;
use crate::health::{Alive, Clock, Found, Readiness, Store};
use crate::problem::json;

/// How long a finding is good for: however often it is asked for, the store is asked once in this time.
const GOOD_FOR: Duration = Duration::from_secs(1);
/// How long the store may take.
const LONGEST: Duration = Duration::from_secs(2);

/// Serves both.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new().route("/healthz", get(alive)).route("/readyz", get(ready))
}

async fn alive() -> Response {
    json(StatusCode::OK, &Alive { status: true })
}

async fn ready(State(app): State<Arc<App>>) -> Response {
    let stopping = *app.draining.borrow() || *app.stop.borrow();
    let Found { store, clocks_differ } = app.store_health().await;
    let (clock, takes_calls) = app.clock_health(clocks_differ);
    let status = store == Store::Ok && takes_calls && !stopping;
    let code = if status { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    json(code, &Readiness { status, store, clock, stopping })
}

impl App {
    /// Callers share one look, and wait for the one who looks.
    async fn store_health(&self) -> Found {
        let mut last = self.health.last.lock().await;
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
        let ours = self.now();
        let seconds = ours.0.abs_diff(theirs.0);
        let differs = seconds > self.config.signature_window.as_secs();
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
    fn clock_health(&self, differs_from_store: bool) -> (Clock, bool) {
        let finding = self.look_at_clock();
        if differs_from_store {
            return (Clock::OffFromStore, false);
        }
        if self.seen().has_forgotten(self.now()) {
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
