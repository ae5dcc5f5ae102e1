//! [`App`]: the parts of an open service that its calls share.
//!
//! Belongs here: how the parts are put together. Does not belong here: what a part does, which is in its own file, and how
//! requests use the parts ([`crate::api`], [`crate::envelope`]).

use std::sync::{Arc, OnceLock};

use iampass_core::UnixSeconds;
use iampass_server_console::ServiceReports;
use iampass_server_domain::event::EventSender;
use iampass_server_metrics::Metrics;
use iampass_server_push::EventWebhook;
use iampass_server_storage::Database;
use tokio::sync::Semaphore;

use crate::authenticity::Authenticity;
use crate::clock_watch::ClockWatch;
use crate::known_as::KnownAs;
use crate::pushing::Pushing;
use crate::rates::Rates;
use crate::relying_party::UnlockCheck;
use crate::request_id::RequestIds;
use crate::routes::RouteNumber;
use crate::seen_nonces::SeenNonces;
use crate::shutdown::Shutdown;
use crate::through::{ProbeKeys, Probes};
use crate::{ServerError, ServiceConfig};

/// The state that all calls share.
pub(crate) struct App {
    pub(crate) config: ServiceConfig,
    pub(crate) database: Arc<Database>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) rates: Arc<Rates>,
    /// The names under which the service is known.
    pub(crate) known_as: Arc<KnownAs>,
    pub(crate) nonces: Arc<SeenNonces>,
    pub(crate) clock_watch: Arc<ClockWatch>,
    pub(crate) authenticity: Authenticity,
    pub(crate) unlock: UnlockCheck,
    /// How phones are pushed to; None where none is.
    pub(crate) pushing: Option<Pushing>,
    /// The way of events to the endpoints of applications.
    pub(crate) events: Arc<dyn EventSender>,
    pub(crate) shutdown: Arc<Shutdown>,
    pub(crate) request_ids: RequestIds,
    pub(crate) probes: Probes,
    /// Room for status streams of applications, each of which is a connection.
    pub(crate) status_streams: Arc<Semaphore>,
    /// Says how the service is, once it is open.
    pub(crate) reports: OnceLock<Arc<dyn ServiceReports>>,
}

impl App {
    /// The parts over an open store.
    pub(crate) async fn open(config: ServiceConfig, database: Database) -> Result<Self, ServerError> {
        let database = Arc::new(database);
        let now = config.clock.now().wall;
        let nonces = Arc::new(SeenNonces::stored(&database, &config, now).await?);
        let pushing = Pushing::open(&config, &database).await?;
        let clock_watch = Arc::new(ClockWatch::begin(Arc::clone(&config.clock), config.signature_window));
        let rates = Arc::new(Rates::new(&config.rates, Arc::clone(&config.clock)));
        let known_as = Arc::new(KnownAs::new(&config));
        Ok(Self {
            metrics: Arc::new(Metrics::new(RouteNumber::all().map(RouteNumber::pattern))),
            authenticity: Authenticity::new(&config, &database, &known_as, &nonces, &clock_watch, &rates),
            unlock: UnlockCheck::new(config.public_url.as_ref(), config.unverified_methods),
            events: Arc::new(EventWebhook::new(config.event_reach)),
            shutdown: Arc::new(Shutdown::new()),
            request_ids: RequestIds::default(),
            probes: Probes::new(ProbeKeys::of(&config.master_key, database.path())?),
            status_streams: Arc::new(Semaphore::new(config.limits.status_streams)),
            reports: OnceLock::new(),
            rates,
            known_as,
            nonces,
            clock_watch,
            pushing,
            database,
            config,
        })
    }

    /// The time by the wall clock.
    pub(crate) fn now(&self) -> UnixSeconds {
        self.config.clock.now().wall
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("config", &self.config).finish_non_exhaustive()
    }
}
