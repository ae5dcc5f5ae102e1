//! The answer in place of a handler that was not called. Belongs here: an answer of the flow, with its reason, as an error of actix-web.

use std::fmt;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError, web};
use iampass_web::{Body, HttpAnswer, Refusal};

use crate::response::response;

/// The answer in place of a handler that was not called. It is given by itself; [`Rejection::reason`] is there for handlers that answer otherwise.
///
/// ```
/// use iampass_actix::{CurrentUser, Rejection};
/// use iampass_web::Refusal;
///
/// # #[derive(Clone)] struct User { name: String }
/// async fn greeting(user: Result<CurrentUser<User>, Rejection>) -> Result<String, Rejection> {
///     match user {
///         Ok(user) => Ok(format!("Hello {}", user.name)),
///         Err(rejection) if rejection.reason() == Refusal::NotLoggedIn => Ok("Hello, stranger".to_owned()),
///         Err(rejection) => Err(rejection),
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Rejection {
    reason: Refusal,
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: web::Bytes,
}

impl Rejection {
    pub(crate) fn new(reason: Refusal, answer: HttpAnswer) -> Self {
        let body = match answer.body {
            Body::Whole(bytes) => bytes,
            // No refusal is a stream of events.
            Body::Empty | Body::Events(_) => web::Bytes::new(),
        };
        Self { reason, status: answer.status, headers: answer.headers, body }
    }

    pub(crate) fn no_transform() -> Self {
        Self {
            reason: Refusal::Misconfigured,
            status: 500,
            headers: vec![("content-type", "text/plain; charset=utf-8".to_owned())],
            body: web::Bytes::from_static(
                b"iampass: CurrentUser needs the LoginTransform of the same user type around this route",
            ),
        }
    }

    /// The reason. [`Refusal::Misconfigured`] where no middleware of the same user type is around the route.
    #[must_use]
    pub fn reason(&self) -> Refusal {
        self.reason
    }

    /// The status that it answers with. Several reasons share one.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status_code()
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
