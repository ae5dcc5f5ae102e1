//! Why a handler was not called. Belongs here: an answer of the flow as an error of actix-web.

use std::fmt;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError, web};
use iampass_web::{Body, HttpAnswer};

use crate::response::response;

/// Why a handler was not called. It answers by itself; the status is there for handlers that answer otherwise.
///
/// ```
/// use iampass_actix::{CurrentUser, Rejection};
///
/// # #[derive(Clone)] struct User { name: String }
/// async fn greeting(user: Result<CurrentUser<User>, Rejection>) -> String {
///     match user {
///         Ok(user) => format!("Hello {}", user.name),
///         Err(rejection) => format!("No greeting: {}", rejection.status()),
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Rejection {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: web::Bytes,
}

impl Rejection {
    pub(crate) fn no_transform() -> Self {
        Self {
            status: 500,
            headers: vec![("content-type", "text/plain; charset=utf-8".to_owned())],
            body: web::Bytes::from_static(
                b"iampass: CurrentUser needs the LoginTransform of the same user type around this route",
            ),
        }
    }

    /// The status that it answers with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status_code()
    }
}

impl From<HttpAnswer> for Rejection {
    fn from(answer: HttpAnswer) -> Self {
        let body = match answer.body {
            Body::Whole(bytes) => bytes,
            // No refusal is a stream of events.
            Body::Empty | Body::Events(_) => web::Bytes::new(),
        };
        Self { status: answer.status, headers: answer.headers, body }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not let in by the login: {}", self.status())
    }
}

impl ResponseError for Rejection {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        response(self.status, &self.headers, BoxBody::new(self.body.clone()))
    }
}
