//! The Console among the routes of the service: which of its origins a request sees, and what it is handed.
//!
//! Belongs here: the seam between the service and [`iampass_server_console`]. Does not belong here: pages.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::response::{IntoResponse as _, Response};
use http::uri::PathAndQuery;
use http::{Extensions, Request, StatusCode, Uri};
use iampass_core::port::Clock;
use iampass_server_console::{ConsoleParts, PagePattern, Place, RegistrationLimit, ServiceFacts, not_here};
use iampass_server_domain::Registration;

use crate::app::App;
use crate::client_address::ClientAddress;
use crate::in_process::InProcess;
use crate::rates::{Limited, Rates};
use crate::request::RequestHead;
use crate::routes::RouteNumber;

/// Answers a request to the Console.
pub(crate) async fn answer(State(app): State<Arc<App>>, request: Request<Body>) -> Response {
    let Some(settings) = app.config.console else { return StatusCode::NOT_FOUND.into_response() };
    let Some(place) = place_of(&app, RequestHead::of(&request)) else { return not_here() };
    let Some(request) = arriving(request, &place.prefix, !app.config.proxies.trusted.is_empty()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let console = match app.consoles.at(place, || parts(&app, settings.registration)).await {
        Ok(console) => console,
        Err(refused) => return refused,
    };
    let stop = app.stop.subscribe();
    drop(app);
    let mut response = console.answer(request, stop).await;
    if let Some(PagePattern(pattern)) = response.extensions_mut().remove() {
        response.extensions_mut().insert(RouteNumber::of_page(pattern));
    }
    response
}

fn parts(app: &Arc<App>, registration: Registration) -> ConsoleParts {
    let config = &app.config;
    ConsoleParts {
        database: Arc::clone(&app.database),
        clock: Arc::clone(&config.clock),
        service: Arc::new(InProcess::new(app)),
        registrations: Arc::new(ByAddress {
            rates: Arc::clone(&app.rates),
            clock: Arc::clone(&config.clock),
        }),
        facts: ServiceFacts {
            registration,
            has_messages: config.sms.is_some() || config.mail.is_some(),
            has_pushes: app.pushing.is_some(),
            has_public_url: config.public_url.is_some(),
            default_session: config.default_session,
            longest_session: config.longest_session,
            link_lifetime: config.link_lifetime,
            unlocking: app.unlocking(),
            unverified_methods: config.unverified_methods,
            users_per_call: config.limits.users_per_call,
        },
        streams: app.console_streams.clone(),
        texts: app.console_texts.clone(),
    }
}

/// Counts the accounts that are made from an address.
struct ByAddress {
    rates: Arc<Rates>,
    clock: Arc<dyn Clock>,
}

impl RegistrationLimit for ByAddress {
    fn allows(&self, request: &Extensions) -> bool {
        // A router that somebody else serves has no addresses, and then nothing is counted by them.
        let Some(&client) = request.get::<ClientAddress>() else { return true };
        self.rates.take_from(Limited::Registrations, client, self.clock.now().mono).is_ok()
    }
}

/// The request as it was at the browser: with the path that a proxy took away, and with nothing of the routing up to here. `is_resolved`: what
/// trusted proxies said has been read already, and whose address it is stands. The login must not take that address for a proxy's. A proxy on this
/// machine that is not named is left to the login, which limits all who come through it together, and tells them apart by what the proxy claims.
fn arriving(request: Request<Body>, prefix: &str, is_resolved: bool) -> Option<Request<Body>> {
    let (mut parts, body) = request.into_parts();
    let client = parts.extensions.get::<ClientAddress>().copied();
    let is_untold_proxy = client.is_some_and(|client| client.counted().is_none());
    if is_resolved && !is_untold_proxy {
        for name in ["x-forwarded-for", "forwarded"] {
            parts.headers.remove(name);
        }
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

/// Where this request sees it; None where no login could be safe: at a name that is not ours, or without TLS from elsewhere.
fn place_of(app: &App, head: RequestHead<'_>) -> Option<Place> {
    if let Some(public) = &app.config.public_url {
        return Some(Place { origin: public.origin(), prefix: public.path().to_owned() });
    }
    let authority = head.authority().ok()?.to_ascii_lowercase();
    let known = app.known_as();
    known
        .is_this_machine(&authority)
        .then(|| Place { origin: format!("http://{authority}"), prefix: String::new() })
}
