//! [`Service`]: an open service, to be served or to be mounted.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use axum::Router;
use iampass_core::signing::ReplayWindow;
use iampass_core::{ApplicationId, Secret, UnixSeconds};
use iampass_server_domain::OWN_APPLICATION;
use iampass_server_domain::credentials::draw_application;
use iampass_server_metrics::Metrics;
use iampass_server_notify::{Channel, DeliveryWorker};
use iampass_server_storage::{Database, Sharing};
use tokio::sync::{Semaphore, watch};

use crate::clock_watch::{ClockFinding, ClockWatch};
use crate::console::{ConsoleLink, Consoles, StreamRoom, is_reserved, link_for_command};
use crate::health::Health;
use crate::metrics::LiveSessions;
use crate::problem::Refused;
use crate::rates::{Limited, Rates};
use crate::request::{Incoming, KnownAs};
use crate::request_id::RequestIds;
use crate::routes::RouteNumber;
use crate::through::{ProbeKeys, Probes};
use crate::{PublicUrl, ServerError, ServiceConfig, envelope};

/// The IAMPASS service over its data file. Clones are handles to the same service.
///
/// The data file is given back when the last handle, router and connection is gone; [`Service::serve`] ends its connections itself.
///
/// ```no_run
/// use iampass_server::{Service, ServiceConfig};
///
/// # async fn example() -> Result<(), iampass_server::ServerError> {
/// let service = Service::open(ServiceConfig::temporary()).await?;
/// let application = service.add_application("My shop", None).await?;
/// println!("IAMPASS_APPLICATION_ID={}", application.id);
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
/// service.serve(listener, async { let _ = tokio::signal::ctrl_c().await; }).await
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Service {
    pub(crate) app: Arc<App>,
}

/// A registered application with its secret, which is shown once: nothing gives it out a second time.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewApplication {
    /// The public half of its credentials.
    pub id: ApplicationId,
    /// The secret half.
    pub secret: Secret,
    /// The name that phones show.
    pub name: String,
}

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
    pub(crate) live_sessions: LiveSessions,
    pub(crate) health: Health,
    pub(crate) clock_watch: ClockWatch,
    pub(crate) request_ids: RequestIds,
    pub(crate) probes: Probes,
    /// Room for status streams of applications, each of which is a connection.
    pub(crate) status_streams: Arc<Semaphore>,
    /// Room for pages of the Console that listen, of their own, so that neither takes the other's.
    pub(crate) console_streams: StreamRoom,
    seen: Mutex<ReplayWindow>,
    /// When it was last told that `seen` is full.
    told_full: AtomicU64,
    /// When it was last told that a proxy changes URLs.
    pub(crate) told_rewritten: AtomicU64,
}

impl Service {
    /// Opens the data, or makes it, and remembers the nonces that could still be replayed.
    ///
    /// # Errors
    /// [`ServerError`] when the data cannot be used: it is in use, damaged, sealed with another key, or of a newer version.
    pub async fn open(config: ServiceConfig) -> Result<Self, ServerError> {
        let database = Database::open(&config.storage(), Sharing::Alone).await?;
        if config.public_url.is_none() && (config.sms.is_some() || config.mail.is_some()) {
            tracing::warn!(
                "no messages are sent: a link that is sent to somebody has to name the service's own address; set public_url"
            );
        }
        let now = config.clock.now().wall;
        let oldest = UnixSeconds(now.0.saturating_sub(config.signature_window.as_secs()));
        let used = database.used_nonces(database.forgotten_nonces(oldest).await?)?;
        let (seen, without_room) =
            ReplayWindow::after_restart(config.signature_window, config.limits.remembered_nonces, used, now);
        if without_room > 0 {
            tracing::warn!(
                without_room,
                limit = config.limits.remembered_nonces,
                "more nonces are stored than are to be remembered: requests are refused until their timestamps have left the window"
            );
        }
        let app = App {
            rates: Arc::new(Rates::new(&config.rates)),
            consoles: Consoles::default(),
            metrics: Arc::new(Metrics::new(RouteNumber::all().map(RouteNumber::pattern))),
            live_sessions: LiveSessions::default(),
            health: Health::default(),
            clock_watch: ClockWatch::default(),
            request_ids: RequestIds::default(),
            probes: Probes::new(ProbeKeys::of(&config.master_key, database.path())?),
            status_streams: Arc::new(Semaphore::new(config.limits.status_streams)),
            console_streams: StreamRoom::of(config.limits.status_streams),
            config,
            database: Arc::new(database),
            bound: OnceLock::new(),
            draining: watch::Sender::new(false),
            stop: watch::Sender::new(false),
            seen: Mutex::new(seen),
            told_full: AtomicU64::new(0),
            told_rewritten: AtomicU64::new(0),
        };
        app.look_at_clock();
        Ok(Self { app: Arc::new(app) })
    }

    /// Registers an application, with credentials of its own or with these.
    ///
    /// # Errors
    /// [`ServerError::ApplicationExists`] when the id is taken; [`ServerError::Data`] when it cannot be stored.
    pub async fn add_application(
        &self,
        name: &str,
        credentials: Option<(ApplicationId, Secret)>,
    ) -> Result<NewApplication, ServerError> {
        add_application(&self.app.database, name, credentials).await
    }

    /// Makes a link that gets somebody in to the Console who has no phone, and gives its path: good once, and for 15 minutes.
    ///
    /// # Errors
    /// [`ServerError::Settings`] when there is no such account, or there is one and a new administrator is asked for; [`ServerError::Data`]
    /// when it cannot be stored.
    pub async fn console_link(&self, link: ConsoleLink<'_>) -> Result<String, ServerError> {
        Ok(link_for_command(&self.app.database, link).await?.path)
    }

    /// All APIs and the phone's page as a router, to be mounted at the root of a server of one's own. Deadlines are kept, but only
    /// [`Service::serve`] writes them down and wakes phones that wait; call [`Service::run_due_tasks`] now and then.
    pub fn router(&self) -> Router {
        envelope::router(Arc::clone(&self.app))
    }

    /// Writes down every deadline that has passed by the service's clock, wakes who waits for it, and frees what is of no more use.
    /// `serve` does this by itself; a test that moves its clock need not wait for it.
    ///
    /// # Errors
    /// [`ServerError::Data`] when it cannot be stored. The deadlines count all the same.
    pub async fn run_due_tasks(&self) -> Result<(), ServerError> {
        Ok(self.app.run_due_tasks().await?)
    }

    /// Where the data file is, if it is one: the path of the file itself, with no links in it.
    #[must_use]
    pub fn data_file(&self) -> Option<&Path> {
        self.app.database.path()
    }
}

/// Adds an application to a file, whether or not a service runs on it.
pub(crate) async fn add_application(
    database: &Database,
    name: &str,
    credentials: Option<(ApplicationId, Secret)>,
) -> Result<NewApplication, ServerError> {
    let (id, secret) = match credentials {
        Some(credentials) => credentials,
        None => draw_application()?,
    };
    if secret.is_empty() {
        return Err(ServerError::Settings("an application's secret cannot be empty"));
    }
    if is_reserved(name) {
        return Err(ServerError::Settings(
            "this is the name of the Console itself, which phones show when the Console asks: choose another name",
        ));
    }
    // The Console's own.
    let is_own = id.as_str() == OWN_APPLICATION;
    if is_own || !database.add_application(&id, &secret, name, None).await? {
        return Err(ServerError::ApplicationExists { id: id.to_string() });
    }
    Ok(NewApplication { id, secret, name: name.to_owned() })
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

    /// The worker that sends this node's messages.
    pub(crate) fn delivery_worker(&self) -> DeliveryWorker {
        let (rates, clock) = (Arc::clone(&self.rates), Arc::clone(&self.config.clock));
        let sender = |channel| Some((channel, Arc::clone(self.config.notice_sender(channel)?)));
        DeliveryWorker {
            database: Arc::clone(&self.database),
            clock: Arc::clone(&self.config.clock),
            metrics: Arc::clone(&self.metrics),
            senders: Channel::ALL.into_iter().filter_map(sender).collect(),
            // Only sent messages count against a user.
            uncount: Box::new(move |application, user| {
                rates.give_back(Limited::UserMessages, (application, user), clock.now().mono);
            }),
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
