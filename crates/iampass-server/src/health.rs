//! `/healthz` and `/readyz`: for whoever starts, stops and balances nodes.
//!
//! `/healthz` says that the process lives: who does not answer it is to be started again. `/readyz` says whether it can do its work: who
//! does not say yes is to be sent nothing. A store that is away makes a node not ready, but it need not be started again for that.
//!
//! Belongs here: what is asked of the parts, and how often. Does not belong here: how the store is asked ([`crate::storage`]).

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::problem::json;
use crate::service::App;
use crate::storage::StorageError;

/// How long a finding is good for: however often it is asked for, the store is asked once in this time.
const GOOD_FOR: Duration = Duration::from_secs(1);
/// How long the store may take.
const LONGEST: Duration = Duration::from_secs(2);

/// What was found last, and when.
#[derive(Debug, Default)]
pub(crate) struct Health {
    last: Mutex<Option<(Instant, Store)>>,
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

/// The answer of `/readyz`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Readiness {
    /// Whether all is well.
    status: bool,
    store: Store,
    /// Whether the node is on its way out.
    stopping: bool,
}

impl Readiness {
    /// What keeps the node from its work, and what to do about it. None when it is ready.
    pub(crate) fn not_ready(self) -> Option<&'static str> {
        Some(match self.store {
            Store::Ok if self.stopping => "it is stopping",
            Store::Ok if self.status => return None,
            Store::Ok => "it does not say why. Read its log",
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

#[derive(Clone, Copy, Debug, Serialize)]
struct Alive {
    status: bool,
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
    let store = app.store_health().await;
    let status = store == Store::Ok && !stopping;
    let code = if status { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    json(code, &Readiness { status, store, stopping })
}

impl App {
    /// Callers share one look, and wait for the one who looks.
    async fn store_health(&self) -> Store {
        let mut last = self.health.last.lock().await;
        if let Some((at, found)) = *last
            && at.elapsed() < GOOD_FOR
        {
            return found;
        }
        let asked = async {
            let is_current = self.database.has_current_schema().await?;
            if is_current {
                self.database.takes_changes().await?;
            }
            Ok::<_, StorageError>(is_current)
        };
        let found = match timeout(LONGEST, asked).await {
            Ok(Ok(true)) => Store::Ok,
            Ok(Ok(false)) => Store::OtherSchema,
            Ok(Err(error)) => told(&error),
            Err(_) => {
                tracing::warn!(
                    seconds = LONGEST.as_secs(),
                    "a small change is not committed in time: this node is not ready. The store is away, or waits for a synchronous standby"
                );
                Store::TooSlow
            }
        };
        *last = Some((Instant::now(), found));
        found
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
