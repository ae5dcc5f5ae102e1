//! The Console among the routes of the service: which of its origins a request sees, and what it is handed.
//!
//! Belongs here: the seam between the service and [`iampass_server_console`]. Does not belong here: pages.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use http::uri::PathAndQuery;
use http::{Extensions, HeaderValue, Request, StatusCode, Uri};
use iampass_server_console::{
    ConsoleParts, ConsoleTexts, Consoles, PagePattern, Place, RegistrationLimit, ServiceFacts, StreamRoom,
    not_here,
};

use crate::ConsoleSettings;
use crate::app::App;
use crate::client_address::ClientAddress;
use crate::health_check::HealthCheck;
use crate::in_process::InProcess;
use crate::proxies::X_FORWARDED_FOR;
use crate::rates::{Limited, Rates};
use crate::request::RequestHead;
use crate::routes::RouteNumber;
use crate::service_report::Reporter;

/// The Consoles of a service, one at each of its origins.
pub(crate) struct ConsoleState {
    app: Arc<App>,
    settings: ConsoleSettings,
    consoles: Consoles,
    /// Room for pages that listen, of their own, so that they and the status streams of applications do not take each other's.
    streams: StreamRoom,
    texts: ConsoleTexts,
    reports: Arc<Reporter>,
}

/// Serves it. It routes by itself.
pub(crate) fn router<S: Clone + Send + Sync + 'static>(console: Arc<ConsoleState>) -> Router<S> {
    let console_answers = any(answer);
    Router::new()
        .route("/console", console_answers.clone())
        .route("/console/", console_answers.clone())
        .route("/console/{*path}", console_answers)
        .with_state(console)
}

async fn answer(State(console): State<Arc<ConsoleState>>, request: Request<Body>) -> Response {
    let app = &console.app;
    let Some(place) = console.place_of(RequestHead::of(&request)) else { return not_here() };
    let Some(request) = arriving(request, &place.prefix, !app.config.proxies.trusted.is_empty()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let open = match console.consoles.at(place, || console.parts()).await {
        Ok(open) => open,
        Err(refused) => return refused,
    };
    let stop = app.shutdown.listen();
    drop(console);
    let mut response = open.answer(request, stop).await;
    if let Some(PagePattern(pattern)) = response.extensions_mut().remove() {
        response.extensions_mut().insert(RouteNumber::of_page(pattern));
    }
    response
}

impl ConsoleState {
    /// Of this service, where it has a Console.
    pub(crate) fn of(app: Arc<App>, health: &Arc<HealthCheck>) -> Option<Self> {
        Some(Self {
            reports: Arc::new(Reporter::of(&app, Arc::clone(health))),
            settings: app.config.console?,
            consoles: Consoles::default(),
            streams: StreamRoom::of(app.config.limits.status_streams),
            texts: ConsoleTexts::with(&app.config.texts),
            app,
        })
    }

    fn parts(&self) -> ConsoleParts {
        let (app, config) = (&self.app, &self.app.config);
        ConsoleParts {
            database: Arc::clone(&app.database),
            clock: Arc::clone(&config.clock),
            service: Arc::new(InProcess::new(app)),
            registrations: Arc::new(ByAddress(Arc::clone(&app.rates))),
            reports: Arc::clone(&self.reports) as _,
            events: Arc::clone(&app.events),
            settings: Arc::clone(&config.settings),
            facts: ServiceFacts {
                registration: self.settings.registration,
                lost_phone: self.settings.lost_phone,
                session: self.settings.session_within(config.longest_session),
                keep_signed_in: self.settings.keep_within(config.longest_session),
                has_messages: config.sms.is_some() || config.mail.is_some(),
                has_pushes: app.pushing.is_some(),
                has_public_url: config.public_url.is_some(),
                default_session: config.default_session,
                longest_session: config.longest_session,
                keep_ended: config.keep_ended_sessions,
                link_lifetime: config.link_lifetime,
                unlocking: app.unlock.possible(),
                unverified_methods: config.unverified_methods,
                users_per_call: config.limits.users_per_call,
            },
            streams: self.streams.clone(),
            texts: self.texts.clone(),
        }
    }

    /// Where this request sees it; None where no login could be safe: at a name that is not ours, or without TLS from elsewhere.
    fn place_of(&self, head: RequestHead<'_>) -> Option<Place> {
        let known = &self.app.known_as;
        if let Some(public) = known.public() {
            return Some(Place { origin: public.origin(), prefix: public.path().to_owned() });
        }
        let authority = head.authority().ok()?.to_ascii_lowercase();
        known
            .is_this_machine(&authority)
            .then(|| Place { origin: format!("http://{authority}"), prefix: String::new() })
    }
}

/// Counts the accounts that are made from an address.
struct ByAddress(Arc<Rates>);

impl RegistrationLimit for ByAddress {
    fn allows(&self, request: &Extensions) -> bool {
        // A router that somebody else serves has no addresses, and then nothing is counted by them.
        let Some(&client) = request.get::<ClientAddress>() else { return true };
        self.0.take_from(Limited::Registrations, client).is_ok()
    }
}

/// The request as it was at the browser: with the path that a proxy took away, and with nothing of the routing up to here. `is_resolved`: what
/// trusted proxies said has been read already, and whose address it is stands. The login must not take that address for a proxy's. Where no proxy is
/// trusted, the login hears of one on this machine: it limits all who come through it together, and tells them apart by what the proxy claims.
fn arriving(request: Request<Body>, prefix: &str, is_resolved: bool) -> Option<Request<Body>> {
    let (mut parts, body) = request.into_parts();
    let client = parts.extensions.get::<ClientAddress>().copied();
    let claimed = client.and_then(ClientAddress::claimed);
    if is_resolved || claimed.is_some() {
        for name in ["x-forwarded-for", "forwarded"] {
            parts.headers.remove(name);
        }
    }
    if let Some(claimed) = claimed {
        // The login reads one header, and proxies write several.
        parts.headers.insert(X_FORWARDED_FOR, HeaderValue::from_str(&claimed.to_string()).ok()?);
    }
    parts.extensions = Extensions::new();
    if let Some(client) = client {
        parts.extensions.insert(client);
        // For the login, which counts starts by address.
        parts.extensions.insert(ConnectInfo(SocketAddr::new(client.ip(), 0)));
    }
    let target = parts.uri.path_and_query().map_or("/", PathAndQuery::as_str);
    parts.uri = Uri::try_from(format!("{prefix}{target}")).ok()?;
    Some(Request::from_parts(parts, body))
}
