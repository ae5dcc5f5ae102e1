//! [`App`]: the parts of an open service, which all requests share.
//!
//! Belongs here: the parts, and what is read off several of them. Does not belong here: what a part does, which is in its own file, and how
//! requests use the parts ([`crate::api`], [`crate::envelope`]).

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use iampass_core::UnixSeconds;
use iampass_core::signing::ReplayWindow;
use iampass_server_console::{ConsoleTexts, Consoles, StreamRoom};
use iampass_server_metrics::Metrics;
use iampass_server_storage::Database;
use tokio::sync::{Semaphore, watch};

use crate::clock_watch::{ClockFinding, ClockWatch};
use crate::health::Health;
use crate::metrics::LiveSessions;
use crate::problem::Refused;
use crate::pushing::Pushing;
use crate::rates::Rates;
use crate::relying_party::RelyingParty;
use crate::request::{Incoming, KnownAs};
use crate::request_id::RequestIds;
use crate::through::Probes;
use crate::{PublicUrl, ServiceConfig};

/// The state that all requests share.
pub(crate) struct App {
    pub(crate) config: ServiceConfig,
    pub(crate) database: Arc<Database>,
    pub(crate) bound: OnceLock<SocketAddr>,
    /// Set when nothing new is to be sent here any more.
    pub(crate) draining: watch::Sender<bool>,
    pub(crate) stop: watch::Sender<bool>,
    pub(crate) rates: Arc<Rates>,
    pub(crate) consoles: Consoles,
    pub(crate) metrics: Arc<Metrics>,
    /// How phones are pushed to; None where none is.
    pub(crate) pushing: Option<Pushing>,
    pub(crate) live_sessions: LiveSessions,
    pub(crate) health: Health,
    /// The service as authenticators know it. None where no browser makes a credential for its address.
    pub(crate) relying_party: Option<RelyingParty>,
    pub(crate) clock_watch: ClockWatch,
    pub(crate) request_ids: RequestIds,
    pub(crate) probes: Probes,
    /// Room for status streams of applications, each of which is a connection.
    pub(crate) status_streams: Arc<Semaphore>,
    /// Room for pages of the Console that listen, of their own, so that neither takes the other's.
    pub(crate) console_streams: StreamRoom,
    /// The texts of the Console's pages.
    pub(crate) console_texts: ConsoleTexts,
    pub(crate) seen: Mutex<ReplayWindow>,
    /// When it was last told that `seen` is full.
    pub(crate) told_full: AtomicU64,
    /// When it was last told that a proxy changes URLs.
    pub(crate) told_rewritten: AtomicU64,
}

impl App {
    /// The time by the wall clock.
    pub(crate) fn now(&self) -> UnixSeconds {
        self.config.clock.now().wall
    }

    /// Whether the clocks of the machine go alike. A step is told in the log the first time that it is seen.
    pub(crate) fn look_at_clock(&self) -> ClockFinding {
        self.clock_watch.look(self.config.clock.now(), self.config.signature_window)
    }

    /// The nonces that have been used. It is locked for a look-up only, never across a wait.
    pub(crate) fn seen(&self) -> MutexGuard<'_, ReplayWindow> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Logs for the operator that there is no room for more nonces; once a minute, however many requests are refused for it.
    pub(crate) fn tell_full_window(&self, now: UnixSeconds) {
        let told = UnixSeconds(self.told_full.load(Ordering::Relaxed));
        if told.plus(Duration::from_secs(60)) <= now {
            self.told_full.store(now.0, Ordering::Relaxed);
            tracing::warn!(
                limit = self.config.limits.remembered_nonces,
                "no room for more nonces: requests are refused until the window moves on, or `limits.remembered_nonces` is raised"
            );
        }
    }

    pub(crate) fn known_as(&self) -> KnownAs<'_> {
        KnownAs { public: self.config.public_url.as_ref(), bound: self.bound.get().copied() }
    }

    /// Whether callers reach the service by TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.config.tls.is_some() || self.config.public_url.as_ref().is_some_and(PublicUrl::is_https)
    }

    /// Where the URLs begin that are issued in the answer to this request.
    pub(crate) fn issuing_base(&self, request: &Incoming) -> Result<String, Refused> {
        let scheme = if self.config.tls.is_some() { "https" } else { "http" };
        request.issuing_base(self.config.public_url.as_ref(), scheme)
    }

    /// Returns when it is time to look again for what other nodes may have done; never where there are none.
    pub(crate) async fn look_again(&self) {
        match self.database.look_again() {
            Some(pause) => tokio::time::sleep(pause).await,
            None => std::future::pending().await,
        }
    }

    /// Returns when the service begins to stop.
    pub(crate) async fn stopping(&self) {
        // It fails only when the sender is gone, and that is part of `self`.
        let _ = self.stop.subscribe().wait_for(|&stopping| stopping).await;
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("config", &self.config).finish_non_exhaustive()
    }
}
