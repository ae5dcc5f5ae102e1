//! Errors, as pages. Belongs here: which status and which words. The inner cause is for the log alone.

use std::fmt;

use actix_web::error::UrlencodedError;
use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, ResponseError};
use askama::Template;
use iampass::actix::Rejection;

use crate::style;

/// The error that stopped the application from starting.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Why there is no page. It answers as one itself.
#[derive(Debug)]
pub(crate) enum PageError {
    /// There is nothing at this address, or nothing of this user's.
    NotFound,
    /// There is something, but not to be used in that way.
    MethodNotAllowed,
    /// The data sent is none of our forms.
    BadForm(StatusCode),
    /// The login lets nobody see it now, and has a page of its own for that.
    NotLetIn(Rejection),
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
    pub(crate) fn form(error: &UrlencodedError) -> Self {
        Self::BadForm(error.status_code())
    }

    /// Title and text.
    fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::NotFound => {
                ("Page not found", "There is nothing at this address. It may have been deleted.")
            }
            Self::MethodNotAllowed => ("Page not found", "This address cannot be used that way."),
            Self::BadForm(StatusCode::PAYLOAD_TOO_LARGE) => {
                ("Too long", "What was sent is longer than anything here can be.")
            }
            Self::BadForm(_) => ("Not understood", "What was sent is none of the forms of Notes."),
            Self::NotLetIn(_) => ("Not signed in", "Sign in to see this page."),
            Self::Internal(_) => {
                ("Something went wrong", "This is our fault, not yours. Please try again in a moment.")
            }
        }
    }
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words().0)
    }
}

/// It stands alone: whoever is signed in or not, nothing of theirs is on it.
#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    style: &'static str,
    title: &'static str,
    text: &'static str,
}

impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::BadForm(status) => *status,
            Self::NotLetIn(rejection) => rejection.status(),
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        match self {
            Self::NotLetIn(rejection) => return rejection.error_response(),
            Self::Internal(error) => tracing::error!(error = error.as_ref(), "a page could not be made"),
            _ => {}
        }
        let (title, text) = self.words();
        let page = ErrorPage { style: style::address(), title, text };
        // If not even this can be shown, the title is.
        let page = page.render().unwrap_or_else(|_| title.to_owned());
        HttpResponse::build(self.status_code()).content_type(ContentType::html()).body(page)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::MessageBody as _;

    use super::*;

    #[test]
    fn what_failed_inside_is_not_shown() {
        let response = PageError::Internal("the secret place".into()).error_response();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = response.into_body().try_into_bytes().unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(body.contains("Something went wrong") && !body.contains("secret"), "{body}");
    }
}
