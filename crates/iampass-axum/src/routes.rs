//! The login's routes.

use std::net::SocketAddr;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use http::StatusCode;
use iampass_web::{LONGEST_BODY, LoginWeb, Method};

use crate::headers::headers_of;
use crate::response::into_response;

/// The login's routes, to be nested at [`LoginWeb::mount_path`].
///
/// Starts of logins are limited per client address if the application is served with
/// [`into_make_service_with_connect_info::<SocketAddr>`](Router::into_make_service_with_connect_info). Without it there is no such limit,
/// which is logged once.
pub fn routes<U: Clone + Send + Sync + 'static, S: Clone + Send + Sync + 'static>(
    login: &LoginWeb<U>,
) -> Router<S> {
    Router::new().route("/{*path}", any(answer::<U>)).with_state(login.clone())
}

async fn answer<U: Clone + Send + Sync + 'static>(
    State(login): State<LoginWeb<U>>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LONGEST_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let request = iampass_web::Request {
        method: Method::named(parts.method.as_str()),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: headers_of(&parts.method, &parts.headers),
        peer: parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip()),
        body: body.into(),
    };
    into_response(login.handle(request).await)
}
