//! The routes of the gate. Belongs here: which address is answered by what.

use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use axum::routing::{any, get};
use http::StatusCode;
use http::header::HOST;
use iampass_axum::{LoginLayer, routes};

use crate::check::{Gate, MOUNT};
use crate::health::{self, Health};
use crate::original::{Asking, Original};

/// The path at which a proxy asks.
pub const CHECK: &str = "/_iampass/check";

#[derive(Debug, Clone)]
struct App {
    gate: Gate,
    health: Health,
}

/// The gate's router, to be served with `into_make_service_with_connect_info::<SocketAddr>`.
///
/// It answers the proxy's questions at [`CHECK`], the login's own pages beside it, and the state of the gate for `iampass-gate health`. Any other
/// request is one that the proxy has refused and hands on, to be told why.
pub fn router(gate: Gate, health: Health) -> Router {
    let login = gate.login().clone();
    Router::new()
        .route(CHECK, any(check))
        .route(health::PATH, get(tell_health))
        .nest(MOUNT, routes(&login))
        .fallback(refused)
        .layer(LoginLayer::new(&login))
        .with_state(App { gate, health })
}

async fn check(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    app.gate.answer(peer.ip(), request.headers()).await
}

/// Told to this machine alone, and to no proxy on it.
async fn tell_health(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let is_forwarded = request.headers().keys().any(|name| name.as_str().contains("forwarded"));
    if is_this_machine(peer.ip()) && !is_forwarded {
        return app.health.tell().await;
    }
    refused(State(app), request).await
}

async fn refused(State(app): State<App>, request: Request) -> Response {
    let headers = request.headers();
    let mut hosts = headers.get_all(HOST).into_iter();
    let (Some(host), None) = (hosts.next().and_then(|host| host.to_str().ok()), hosts.next()) else {
        let mut response = Response::default();
        *response.status_mut() = StatusCode::BAD_REQUEST;
        return response;
    };
    let address = request.uri().path_and_query().map_or("/", |address| address.as_str());
    let original = Original {
        method: request.method().as_str().to_owned(),
        address: address.to_owned(),
        host: host.to_owned(),
        asking: Asking::Original,
    };
    app.gate.answer_refused(&original, headers).await
}

fn is_this_machine(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}
