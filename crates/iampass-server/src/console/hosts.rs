//! [`Consoles`]: all Consoles of one service, one for each origin at which browsers see it.
//!
//! Behind a public URL there is one. Without one, the service can be reached by several names of this machine, and each is an origin of its
//! own. Belongs here: finding and opening them, and passing requests on. Does not belong here: what is set up ([`super::opening`]).

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, State};
use axum::response::{IntoResponse as _, Response};
use futures_util::StreamExt as _;
use http::header::CONTENT_TYPE;
use http::uri::PathAndQuery;
use http::{Extensions, Method, Request, StatusCode, Uri};
use iampass_server_domain::Registration;
use tokio::sync::Mutex;
use tower::ServiceExt as _;
use tracing::Instrument as _;

use super::state::Place;
use super::{frame, opening};
use crate::client_address::ClientAddress;
use crate::request::RequestHead;
use crate::service::App;

/// The names of this machine, and some to spare.
const MOST: usize = 8;

/// The Consoles of one service.
#[derive(Debug, Default)]
pub(crate) struct Consoles(Mutex<HashMap<String, Router>>);

impl Consoles {
    /// The Console at this place, opened if it is not open yet.
    async fn at(&self, app: &Arc<App>, place: Place, registration: Registration) -> Result<Router, Response> {
        let mut open = self.0.lock().await;
        if let Some(router) = open.get(&place.origin) {
            return Ok(router.clone());
        }
        if open.len() >= MOST {
            return Err(frame::bare(StatusCode::MISDIRECTED_REQUEST, NOT_HERE));
        }
        let origin = place.origin.clone();
        let router = opening::open(app, place, registration).await.map_err(|error| {
            tracing::error!(%error, "the Console could not be opened");
            frame::bare(
                StatusCode::SERVICE_UNAVAILABLE,
                "The Console cannot be opened just now. Try again in a moment.",
            )
        })?;
        open.insert(origin, router.clone());
        Ok(router)
    }
}

const NOT_HERE: &str = "The Console is not shown at this address, because nobody could sign in safely here. Open it by the service's https \
     address, or on the machine itself at 127.0.0.1.";

/// Answers a request to the Console.
pub(crate) async fn answer(State(app): State<Arc<App>>, request: Request<Body>) -> Response {
    let Some(settings) = app.config.console else { return StatusCode::NOT_FOUND.into_response() };
    let Some(place) = place_of(&app, RequestHead::of(&request)) else {
        return frame::bare(StatusCode::MISDIRECTED_REQUEST, NOT_HERE);
    };
    let Some(request) = arriving(request, &place.prefix, !app.config.proxies.trusted.is_empty()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let router = match app.consoles.at(&app, place, settings.registration).await {
        Ok(router) => router,
        Err(refused) => return refused,
    };
    let stop = app.stop.subscribe();
    drop(app);
    let answer = if request.method() == Method::POST {
        // A change runs to its end even if the browser goes away in the middle.
        tokio::spawn(router.oneshot(request).in_current_span()).await
    } else {
        Ok(router.oneshot(request).await)
    };
    match answer {
        Ok(Ok(answer)) => until_stop(answer, stop),
        Ok(Err(never)) => match never {},
        // It is said by the runtime why.
        Err(_) => frame::bare(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong."),
    }
}

/// The request as it was at the browser: with the path that a proxy took away, and with nothing of the routing up to here. `is_resolved`: what
/// trusted proxies said has been read already, and whose address it is stands. The login must not take that address for a proxy's.
fn arriving(request: Request<Body>, prefix: &str, is_resolved: bool) -> Option<Request<Body>> {
    let (mut parts, body) = request.into_parts();
    if is_resolved {
        for name in ["x-forwarded-for", "forwarded"] {
            parts.headers.remove(name);
        }
    }
    let client = parts.extensions.get::<ClientAddress>().copied();
    parts.extensions = Extensions::new();
    if let Some(client) = client {
        parts.extensions.insert(client);
        // For the login, which counts starts by address.
        if let Some(address) = client.counted() {
            parts.extensions.insert(ConnectInfo(SocketAddr::new(address, 0)));
        }
    }
    let target = parts.uri.path_and_query().map_or("/", PathAndQuery::as_str);
    parts.uri = Uri::try_from(format!("{prefix}{target}")).ok()?;
    Some(Request::from_parts(parts, body))
}

/// Pages that are open listen for as long as they are: they must not hold up a service that stops.
fn until_stop(answer: Response, mut stop: tokio::sync::watch::Receiver<bool>) -> Response {
    let is_events = |value: &http::HeaderValue| value.as_bytes().starts_with(b"text/event-stream");
    if !answer.headers().get(CONTENT_TYPE).is_some_and(is_events) {
        return answer;
    }
    let stopping = async move {
        // It fails only when the service is gone.
        let _ = stop.wait_for(|&stopping| stopping).await;
    };
    answer.map(|body| Body::from_stream(body.into_data_stream().take_until(Box::pin(stopping))))
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
