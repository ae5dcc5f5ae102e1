//! The answer in place of a handler that was not called. Belongs here: an answer of the flow, with its reason, as a rejection of axum.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use iampass_web::Refusal;

/// The answer in place of a handler that was not called. It is given by itself; [`Rejection::reason`] is there for handlers that answer otherwise.
///
/// ```
/// use iampass_axum::{CurrentUser, Rejection};
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
    response: Response,
}

impl Rejection {
    pub(crate) fn new(reason: Refusal, response: Response) -> Self {
        Self { reason, response }
    }

    pub(crate) fn no_layer() -> Self {
        let text = "iampass: CurrentUser needs the LoginLayer of the same user type around this route";
        Self::new(Refusal::Misconfigured, (StatusCode::INTERNAL_SERVER_ERROR, text).into_response())
    }

    /// The reason. [`Refusal::Misconfigured`] where no layer of the same user type is around the route.
    #[must_use]
    pub fn reason(&self) -> Refusal {
        self.reason
    }

    /// The status that it answers with. Several reasons share one.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        self.response
    }
}
