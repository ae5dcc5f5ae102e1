//! An answer of the flow as axum's response.

use axum::body::Body;
use axum::response::Response;
use futures_core::Stream;
use http::{HeaderName, HeaderValue, StatusCode};
use iampass_web::HttpAnswer;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

/// An [`HttpAnswer`] as a response: for what the application asks of the flow itself, such as
/// [`LoginWeb::begin_enrolment`](iampass_web::LoginWeb::begin_enrolment).
#[must_use]
pub fn into_response(answer: HttpAnswer) -> Response {
    let body = match answer.body {
        iampass_web::Body::Empty => Body::empty(),
        iampass_web::Body::Whole(bytes) => Body::from(bytes),
        iampass_web::Body::Events(events) => Body::from_stream(Unfailing(events)),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in answer.headers {
        // All texts of the flow are valid in a header, so nothing of it is left out.
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    response
}

struct Unfailing(iampass_web::EventStream);

impl Stream for Unfailing {
    type Item = Result<bytes::Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context).map(|next| next.map(Ok))
    }
}
