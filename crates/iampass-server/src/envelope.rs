//! The parts common to all answers: the router, its limits, the headers of every answer, one line in the log, and
//! counting.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get, post};
use futures_util::future::BoxFuture;
use http::{Method, Request, StatusCode};
use hyper::body::Body as HttpBody;
use iampass_core::Monotonic;
use iampass_core::wire::Reason;
use tracing::{Instrument as _, Span};

use crate::api::{self, AtOnce};
use crate::client_address::ClientAddress;
use crate::handover::InFlight;
use crate::problem::Refused;
use crate::request_id::{REQUEST_ID, RequestId};
use crate::routes::RouteNumber;
use crate::service::App;
use crate::{console, docs, health, metrics, phone_page, security_headers};

/// On top of the longest wait of a phone, what reading a body and a busy store may take.
const SLACK: Duration = Duration::from_secs(20);

/// All of the service.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .merge(phone_page::router())
        .merge(health::router())
        .route("/metrics", get(metrics::page))
        .merge(docs::router(app.config.public_url.as_ref()))
        .merge(console_routes(&app))
        .route("/r/{code}", post(call))
        .fallback(call)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(Arc::clone(&app), envelope))
        .with_state(app)
}

/// The Console, where it is switched on. It routes by itself.
fn console_routes(app: &App) -> Router<Arc<App>> {
    if app.config.console.is_none() {
        return Router::new();
    }
    let console = any(console::answer);
    Router::new()
        .route("/console", console.clone())
        .route("/console/", console.clone())
        .route("/console/{*path}", console)
}

/// Answers a call from within the process: what the Console asks as an application.
pub(crate) async fn answer_within(app: &Arc<App>, request: Request<Body>) -> Response {
    match api::answer_at_once(app, &request, None) {
        Some(AtOnce::Answer(response)) => response,
        Some(AtOnce::Due(session)) => in_time(app, api::settle(app, session)).await,
        None => in_time(app, call(State(Arc::clone(app)), request)).await,
    }
}

/// The result of the short way.
pub(crate) enum ShortWay {
    Answer(Response),
    /// The answer comes after something is written down.
    Later(BoxFuture<'static, Response>),
}

/// Answers what can be answered at once without the way through the router. A request that has come by here is not asked about again.
pub(crate) fn short_way<B: HttpBody>(
    app: &Arc<App>,
    request: &Request<B>,
    address: ClientAddress,
) -> Option<ShortWay> {
    if is_too_long(app, request) {
        return None;
    }
    let exchange = Exchange::begin(app, request);
    Some(match api::answer_at_once(app, request, Some(address))? {
        AtOnce::Answer(response) => ShortWay::Answer(exchange.end(app, response, RouteNumber::none())),
        AtOnce::Due(session) => {
            let app = Arc::clone(app);
            ShortWay::Later(Box::pin(async move {
                let settling = in_time(&app, api::settle(&app, session)).instrument(exchange.span());
                let response = settling.await;
                exchange.end(&app, response, RouteNumber::none())
            }))
        }
    })
}

/// The answer to a request that is not looked at.
pub(crate) fn refused<B>(app: &App, request: &Request<B>, refused: Refused) -> Response {
    Exchange::begin(app, request).end(app, refused.into_response(), RouteNumber::none())
}

/// Each `async fn` on the way would keep the request twice for as long as a store is waited for: so it is none.
fn call(State(app): State<Arc<App>>, request: Request<Body>) -> BoxFuture<'static, Response> {
    let changes_something = api::changes_something(&request);
    let answer = api::dispatch(app, request);
    if !changes_something {
        return answer;
    }
    // A change runs to its end even if the caller goes away in the middle: others wait to be woken by it.
    Box::pin(async move {
        let task = tokio::spawn(answer.in_current_span());
        task.await.unwrap_or_else(|_| Refused::unavailable().into_response())
    })
}

/// For the pages; the router adds which methods there are. Calls answer for themselves.
async fn method_not_allowed() -> Response {
    Refused::new(StatusCode::METHOD_NOT_ALLOWED, Reason::MethodNotAllowed, "this address knows other methods")
        .into_response()
}

async fn envelope(State(app): State<Arc<App>>, request: Request<Body>, next: Next) -> Response {
    let exchange = Exchange::begin(&app, &request);
    // Calls say themselves which they are.
    let page = request.extensions().get::<MatchedPath>();
    let page = page.map_or_else(RouteNumber::none, |page| RouteNumber::of_page(page.as_str()));
    let response = if is_too_long(&app, &request) {
        Refused::new(StatusCode::URI_TOO_LONG, Reason::InvalidParameter, "path and query are too long")
            .into_response()
    } else {
        // A request that comes by a connection of ours has been on the short way before.
        let is_asked = request.extensions().get::<InFlight>().is_some();
        let address = request.extensions().get().copied();
        match if is_asked { None } else { api::answer_at_once(&app, &request, address) } {
            Some(AtOnce::Answer(response)) => response,
            Some(AtOnce::Due(session)) => {
                in_time(&app, api::settle(&app, session)).instrument(exchange.span()).await
            }
            None => in_time(&app, next.run(request)).instrument(exchange.span()).await,
        }
    };
    exchange.end(&app, response, page)
}

fn is_too_long<B>(app: &App, request: &Request<B>) -> bool {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    target > app.config.limits.url_bytes
}

/// A request and its answer: what is said about every one of them.
struct Exchange {
    started: Monotonic,
    id: RequestId,
    method: Method,
}

impl Exchange {
    fn begin<B>(app: &App, request: &Request<B>) -> Self {
        Self {
            started: app.config.clock.now().mono,
            id: app.request_ids.draw(),
            method: request.method().clone(),
        }
    }

    /// Whatever is logged in it can be told to belong to this request.
    fn span(&self) -> Span {
        tracing::info_span!("request", request_id = %self.id)
    }

    /// Adds the headers of every answer, counts it, and says in the log what it was. `page` is the route of what does not say its own.
    fn end(self, app: &App, mut response: Response, page: RouteNumber) -> Response {
        let Self { started, id, method } = self;
        let route = response.extensions().get::<RouteNumber>().copied().unwrap_or(page);
        let status = response.status();
        let took = app.config.clock.now().mono.since(started);
        let headers = response.headers_mut();
        security_headers::add(headers, app.is_https());
        headers.insert(REQUEST_ID, id.header());
        app.metrics.requests.answered(route.index(), &method, status, took);

        let (route, code) = (route.pattern(), status.as_u16());
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        // Applications ask for the state of sessions all the time: what changes nothing and went well is for those who look closely.
        if status.is_success() && method == Method::GET {
            tracing::debug!(request_id = %id, %method, route, status = code, ms, "request");
        } else {
            tracing::info!(request_id = %id, %method, route, status = code, ms, "request");
        }
        response
    }
}

async fn in_time(app: &App, answer: impl Future<Output = Response>) -> Response {
    let longest = app.config.limits.longest_poll + app.config.limits.body_timeout + SLACK;
    match tokio::time::timeout(longest, answer).await {
        Ok(response) => response,
        // A change goes on all the same: the answer must not read as "not done".
        Err(_) => Refused::new(
            StatusCode::GATEWAY_TIMEOUT,
            Reason::Unavailable,
            "it took too long; it may be done yet",
        )
        .into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::routes;
    use crate::{Service, ServiceConfig};

    /// The router cannot be asked for its routes, but it prints them.
    #[tokio::test]
    async fn every_page_of_the_router_is_in_the_list_of_routes() {
        let service = Service::open(ServiceConfig::temporary()).await.unwrap();
        let printed = format!("{:?}", service.router());
        // A fallback stands at the root and below it.
        let is_page =
            |text: &&str| text.starts_with('/') && *text != "/" && !text.contains("__private__axum");
        let pages: Vec<_> = printed.split('"').filter(is_page).collect();
        assert!(pages.contains(&"/phone"), "{printed}");
        for page in pages {
            assert!(routes().any(|route| route.pattern == page), "{page} is missing in routes.rs");
        }
    }

    /// Thousands may wait for a store that does not answer.
    #[tokio::test]
    async fn a_call_that_waits_takes_little_room() {
        let service = Service::open(ServiceConfig::temporary()).await.unwrap();
        let request = Request::get("/management/has_registered_mobile_device/A/u").body(Body::empty());
        let call = call(State(Arc::clone(&service.app)), request.unwrap());
        let size = std::mem::size_of_val(&*call);
        // 2,128 bytes without optimisation.
        assert!(size <= 2_304, "{size} bytes");
    }
}
