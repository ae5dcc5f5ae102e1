//! The parts common to all answers: the router, its limits, the time that an answer may take, the headers of every answer, one line in the log, and
//! counting.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use futures_util::future::BoxFuture;
use http::{Method, Request, StatusCode};
use hyper::body::Body as HttpBody;
use iampass_core::Monotonic;
use iampass_core::wire::Reason;
use tracing::{Instrument as _, Span};

use crate::api::{self, AtOnce};
use crate::app::App;
use crate::client_address::ClientAddress;
use crate::handover::InFlight;
use crate::phone_page::FrontPage;
use crate::problem::Refused;
use crate::request_id::{REQUEST_ID, RequestId};
use crate::routes::RouteNumber;
use crate::{docs, phone_page, security_headers};

/// On top of the longest wait of a phone, what reading a body and a busy store may take.
const SLACK: Duration = Duration::from_secs(20);

/// All of the service. `pages` are those that have a state of their own.
pub(crate) fn router(app: &Arc<App>, pages: Router<Arc<App>>) -> Router {
    let config = &app.config;
    let front = Arc::new(FrontPage::new(&config.texts, config.public_url.as_ref(), config.console.is_some()));
    let front = get(async move |State(app): State<Arc<App>>, request: Request<Body>| {
        match front.answer(request.headers()) {
            Some(page) => page,
            None => api::call(State(app), request).await,
        }
    });
    pages
        .route("/", front.fallback(api::call))
        .merge(phone_page::router(&app.config.texts))
        .merge(docs::router(app.config.public_url.as_ref()))
        .route("/r/{code}", post(api::call))
        .fallback(api::call)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(Arc::clone(app), envelope))
        .with_state(Arc::clone(app))
}

/// The result of the short way.
pub(crate) enum ShortWay {
    Answer(Response),
    /// The answer comes after something is read or written down.
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
        AtOnce::Answer(response) => {
            ShortWay::Answer(exchange.end(app, response, RouteNumber::SESSION_STATUS))
        }
        AtOnce::Later(look) => {
            let app = Arc::clone(app);
            ShortWay::Later(Box::pin(async move {
                let looking = in_time(&app, api::look_further(&app, look)).instrument(exchange.span());
                let response = looking.await;
                exchange.end(&app, response, RouteNumber::SESSION_STATUS)
            }))
        }
    })
}

/// The answer to a request that is not looked at.
pub(crate) fn refused<B>(app: &App, request: &Request<B>, refused: Refused) -> Response {
    Exchange::begin(app, request).end(app, refused.into_response(), RouteNumber::none())
}

/// The answer, or that it took too long.
pub(crate) async fn in_time(app: &App, answer: impl Future<Output = Response>) -> Response {
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

/// For the pages; the router adds which methods there are. Calls answer for themselves.
async fn method_not_allowed() -> Response {
    Refused::new(StatusCode::METHOD_NOT_ALLOWED, Reason::MethodNotAllowed, "this address knows other methods")
        .into_response()
}

async fn envelope(State(app): State<Arc<App>>, request: Request<Body>, next: Next) -> Response {
    let exchange = Exchange::begin(&app, &request);
    // Calls say themselves which they are.
    let page = request.extensions().get::<MatchedPath>();
    let mut page = page.map_or_else(RouteNumber::none, |page| RouteNumber::of_page(page.as_str()));
    let response = if is_too_long(&app, &request) {
        Refused::new(StatusCode::URI_TOO_LONG, Reason::InvalidParameter, "path and query are too long")
            .into_response()
    } else {
        // A request that comes by a connection of ours has been on the short way before.
        let is_asked = request.extensions().get::<InFlight>().is_some();
        let address = request.extensions().get().copied();
        let at_once = if is_asked { None } else { api::answer_at_once(&app, &request, address) };
        if at_once.is_some() {
            page = RouteNumber::SESSION_STATUS;
        }
        match at_once {
            Some(AtOnce::Answer(response)) => response,
            Some(AtOnce::Later(look)) => {
                in_time(&app, api::look_further(&app, look)).instrument(exchange.span()).await
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
        security_headers::add(headers, app.known_as.is_https());
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

#[cfg(test)]
mod tests {
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
}
