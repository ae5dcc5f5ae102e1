//! Errors, as pages. Belongs here: which status and which words. The inner cause is for the log alone.

use askama::Template;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use crate::style;

/// The error that stopped the application from starting.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Why there is no page. It answers as one itself.
#[derive(Debug)]
#[non_exhaustive]
pub enum PageError {
    /// There is nothing at this address.
    NotFound,
    /// There is something, but not to be used in that way.
    MethodNotAllowed,
    /// It is another user's.
    NotYours,
    /// The data sent is none of our forms.
    BadForm(StatusCode),
    /// Something failed here.
    Internal(Failure),
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for PageError {
    fn from(error: E) -> Self {
        Self::Internal(error.into())
    }
}

impl PageError {
    /// A form that could not be read.
    pub(crate) fn form(rejection: &FormRejection) -> Self {
        Self::BadForm(rejection.status())
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotYours => StatusCode::FORBIDDEN,
            Self::BadForm(status) => *status,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Title and text.
    fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::NotFound => {
                ("Page not found", "There is nothing at this address. It may have been deleted.")
            }
            Self::MethodNotAllowed => ("Page not found", "This address cannot be used that way."),
            Self::NotYours => ("Not yours", "Only who wrote a post can delete it."),
            Self::BadForm(StatusCode::PAYLOAD_TOO_LARGE) => {
                ("Too long", "What was sent is longer than anything here can be.")
            }
            Self::BadForm(_) => ("Not understood", "What was sent is none of the forms of Microblog."),
            Self::Internal(_) => {
                ("Something went wrong", "This is our fault, not yours. Please try again in a moment.")
            }
        }
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    style: &'static str,
    title: &'static str,
    text: &'static str,
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        if let Self::Internal(error) = &self {
            tracing::error!(error = error.as_ref(), "a page could not be made");
        }
        let (title, text) = self.words();
        let page = ErrorPage { style: style::address(), title, text };
        // If not even this can be shown, the title does.
        (self.status(), Html(page.render().unwrap_or_else(|_| title.to_owned()))).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_failed_inside_is_not_shown() {
        let response = PageError::Internal("the secret place".into()).into_response();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = axum::body::to_bytes(response.into_body(), 100_000).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(body.contains("Something went wrong") && !body.contains("secret"), "{body}");
    }
}
