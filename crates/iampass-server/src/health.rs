//! `/healthz` and `/readyz`: probes for programs that start, stop and balance nodes.
//!
//! `/healthz` says that the process lives: who does not answer it is to be started again. `/readyz` says whether it can do its work: who
//! does not say yes is to be sent nothing. A store that is away makes a node not ready, but it need not be started again for that.
//!
//! Belongs here: what is asked of the parts, and how often. Does not belong here: how the store is asked ([`iampass_server_storage`]).

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use iampass_core::UnixSeconds;
use iampass_server_storage::StorageError;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::clock_watch::ClockFinding;
use crate::problem::json;
use crate::service::App;

/// How long a finding is good for: however often it is asked for, the store is asked once in this time.
const GOOD_FOR: Duration = Duration::from_secs(1);
/// How long the store may take.
const LONGEST: Duration = Duration::from_secs(2);

/// The last finding, and its time.
#[derive(Debug, Default)]
pub(crate) struct Health {
    last: Mutex<Option<(Instant, Found)>>,
}

/// The finding of asking the store.
#[derive(Clone, Copy, Debug)]
struct Found {
    store: Store,
    /// Whether the store has a clock that differs from this machine's by more than the window of signatures.
    clocks_differ: bool,
}

impl From<Store> for Found {
    fn from(store: Store) -> Self {
        Self { store, clocks_differ: false }
    }
}

/// How the store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Store {
    Ok,
    /// It cannot be reached, or it fails.
    Unreachable,
    /// It did not answer in time.
    TooSlow,
    /// Its tables are of another version of this program.
    OtherSchema,
    /// It can be read and takes no changes: a standby, a full disk, a role without rights.
    ReadOnly,
    /// The data file was deleted, or another one was put in its place.
    Replaced,
}

/// How the clock of this machine is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Clock {
    #[default]
    Ok,
    /// It has gone ahead by more than the window of signatures a short while ago. The node stays ready: a machine that was suspended sees the
    /// same.
    SteppedAhead,
    /// It was set back by more than the window of signatures a short while ago. The node is ready unless it refuses the calls of this time.
    SetBack,
    /// It differs from the database's by more than the window of signatures. The node is not ready.
    OffFromStore,
}

/// The answer of `/readyz`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Readiness {
    /// Whether all is well.
    status: bool,
    store: Store,
    /// A service of an older version does not say it.
    #[serde(default)]
    clock: Clock,
    /// Whether the node is on its way out.
    stopping: bool,
}

impl Readiness {
    /// The cause that keeps the node from its work, with what to do about it. None when it is ready.
    pub(crate) fn not_ready(self) -> Option<&'static str> {
        Some(match self.store {
            Store::Ok if self.stopping => "it is stopping",
            Store::Ok if self.status => return None,
            Store::Ok if self.clock == Clock::OffFromStore => {
                "its clock differs from the database's. Set the clocks of both by NTP"
            }
            Store::Ok => "its clock was set back, and calls of this time are refused. Read its log",
            Store::Unreachable => {
                "its store cannot be reached. Read its log, and check the database or the disk"
            }
            Store::TooSlow => {
                "its store does not commit in time. Check the database, its synchronous standbys and the disk"
            }
            Store::OtherSchema => {
                "its tables are of another version. Run `iampass-server migrate` of the newer version, and start each node with it"
            }
            Store::ReadOnly => {
                "its store takes no changes. Check for a standby, a full disk or a role without rights"
            }
            Store::Replaced => "its data file was deleted or replaced while it ran. Start it again",
        })
    }
}

/// The answer of `/healthz`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Alive {
    /// True in every answer.
    status: bool,
}

impl Alive {
    /// Whether it says so.
    pub(crate) fn is_alive(self) -> bool {
        self.status
    }
}

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
