//! An answer of the flow as actix-web's response. Belongs here: status, headers and body in another form. Does not belong here: when to
//! answer what.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodyStream, BoxBody, MessageBody as _};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_ENCODING, HeaderName, HeaderValue};
use actix_web::{HttpResponse, web};
use futures_core::Stream;
use iampass_web::{Body, EventStream, HttpAnswer};

/// An [`HttpAnswer`] as a response: for what the application asks of the flow itself, such as
/// [`LoginWeb::begin_enrolment`](iampass_web::LoginWeb::begin_enrolment).
///
/// ```
/// use actix_web::HttpResponse;
/// use iampass_core::port::UserKey;
/// use iampass_web::LoginWeb;
///
/// # #[derive(Clone)] struct User;
/// // The end of a sign-up: the new user goes on to register the phone.
/// fn signed_up(login: &LoginWeb<User>, id: i64, name: &str) -> HttpResponse {
///     iampass_actix::into_response(login.begin_enrolment(&UserKey::from(id), name, "/welcome"))
/// }
/// ```
#[must_use]
pub fn into_response(answer: HttpAnswer) -> HttpResponse {
    match answer.body {
        Body::Empty => response(answer.status, &answer.headers, BoxBody::new(())),
        Body::Whole(bytes) => response(answer.status, &answer.headers, BoxBody::new(bytes)),
        Body::Events(events) => {
            let body = BodyStream::new(Unfailing(events)).boxed();
            let mut response = response(answer.status, &answer.headers, body);
            // actix-web's `Compress` would collect events until there is enough of them to compress.
            response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("identity"));
            response
        }
    }
}

/// A response of these parts.
pub(crate) fn response(status: u16, headers: &[(&'static str, String)], body: BoxBody) -> HttpResponse {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::with_body(status, body);
    for (name, value) in headers {
        // All texts of the flow are valid in a header, so nothing of it is left out.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(*name), HeaderValue::try_from(value.as_str())) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

struct Unfailing(EventStream);

impl Stream for Unfailing {
    type Item = Result<web::Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context).map(|next| next.map(Ok))
    }
}
