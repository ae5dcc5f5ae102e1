//! The login's routes. Belongs here: an actix-web request as one of the flow. Does not belong here: what is answered.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, Scope, web};
use iampass_web::{LONGEST_BODY, LoginWeb, Method};

use crate::headers::headers_of;
use crate::response::into_response;

/// The login's routes, at [`LoginWeb::mount_path`]: a service of the `App` itself, or of a scope at the login's path prefix and no other.
///
/// Starts of logins are limited per address at the other end of the connection, or the one that trusted proxies saw. An open page holds
/// a connection by which it learns what happens, so a graceful stop of the server takes as long as its `shutdown_timeout` allows, unless
/// [`LoginWeb::shutdown`] is called before.
#[must_use]
pub fn scope<U: Clone + Send + Sync + 'static>(login: &LoginWeb<U>) -> Scope {
    let login = login.clone();
    web::scope(login.mount_path()).default_service(web::to(
        move |request: HttpRequest, body: web::Payload| {
            let login = login.clone();
            async move { answer(&login, &request, body).await }
        },
    ))
}

async fn answer<U: Clone + Send + Sync + 'static>(
    login: &LoginWeb<U>,
    request: &HttpRequest,
    body: web::Payload,
) -> HttpResponse {
    let body = match body.to_bytes_limited(LONGEST_BODY).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return HttpResponse::new(StatusCode::BAD_REQUEST),
        Err(_) => return HttpResponse::new(StatusCode::PAYLOAD_TOO_LARGE),
    };
    let request = iampass_web::Request {
        method: Method::named(request.method().as_str()),
        // The part of the path that the scope has not matched.
        path: request.match_info().unprocessed().to_owned(),
        query: request.query_string().to_owned(),
        headers: headers_of(request.method(), request.headers()),
        peer: request.peer_addr().map(|peer| peer.ip()),
        body: body.into(),
    };
    into_response(login.handle(request).await)
}
