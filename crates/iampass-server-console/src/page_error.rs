//! Errors as pages. Belongs here: which status and which words. The inner cause is for the log alone.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use iampass_server_domain::rules::Act;
use iampass_server_storage::StorageError;

/// Why there is no page.
#[derive(Debug)]
pub(super) enum PageError {
    /// There is nothing at this address, or nothing that the visitor may know of.
    NotFound,
    /// There is something, but not to be used in that way.
    MethodNotAllowed,
    /// It takes another role.
    NotAllowed(Act),
    /// The right to a change ended between the question and the change.
    RightEnded,
    /// A form that was not sent by a page of ours.
    CrossSite,
    /// It shows a secret, and a script asked for it.
    NotForScripts,
    /// The body is none of our forms.
    BadForm(StatusCode),
    /// A link that was used, has expired, or never was.
    LinkIsVoid,
    /// Registration here takes an invitation.
    Invited,
    /// Too many of something come from one address.
    TooMany,
    /// A recovery code has let a phone of the account in less than a day ago.
    PhoneTooNew,
    /// It cannot be done just now.
    Unavailable,
    /// The store gave no answer to the commit, so it may have been done.
    MaybeDone,
    /// Something failed here.
    Internal,
}

/// The words of the page.
#[derive(Clone, Copy)]
pub(super) struct Words {
    pub(super) title: &'static str,
    pub(super) text: Text,
}

#[derive(Clone, Copy)]
pub(super) enum Text {
    Plain(&'static str),
    NotAllowed(Act),
}

impl From<StorageError> for PageError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Forbidden => Self::RightEnded,
            StorageError::ZeroCharacter => Self::BadForm(StatusCode::UNPROCESSABLE_ENTITY),
            StorageError::MaybeCommitted(_) => {
                tracing::error!(%error, "the store's answer was lost; the Console says that the change may be done");
                Self::MaybeDone
            }
            error if error.is_of_the_moment() => {
                tracing::warn!(%error, "a page of the Console could not be made just now");
                Self::Unavailable
            }
            error => {
                tracing::error!(%error, "a page of the Console could not be made");
                Self::Internal
            }
        }
    }
}

impl PageError {
    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAllowed(_)
            | Self::RightEnded
            | Self::CrossSite
            | Self::NotForScripts
            | Self::PhoneTooNew
            | Self::Invited => StatusCode::FORBIDDEN,
            Self::BadForm(status) => *status,
            Self::LinkIsVoid => StatusCode::GONE,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable | Self::MaybeDone => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn words(&self) -> Words {
        let (title, text) = match self {
            Self::NotFound => {
                ("Page not found", "There is nothing at this address, or nothing that is shown to you.")
            }
            Self::MethodNotAllowed => ("Page not found", "This address cannot be used that way."),
            Self::NotAllowed(act) => return Words { title: "Not allowed", text: Text::NotAllowed(*act) },
            Self::RightEnded => (
                "Nothing was changed",
                "Your session or your right to do this ended before it was done. Sign in again, or ask an owner of the application.",
            ),
            Self::CrossSite => (
                "Nothing was changed",
                "This form was not sent by a page of the Console, so it was refused. If you wanted it, do it on its page.",
            ),
            Self::NotForScripts => (
                "Nothing was changed",
                "This page shows something secret, so it is shown to a person and to no script. Use its button on the page of the Console.",
            ),
            Self::BadForm(StatusCode::PAYLOAD_TOO_LARGE) => {
                ("Too long", "What was sent is longer than anything here can be.")
            }
            Self::BadForm(_) => {
                ("Not understood", "What was sent is none of the Console's forms. Load the page again.")
            }
            Self::LinkIsVoid => (
                "This link is not valid",
                "It was used already, has expired, or was not copied as a whole. Ask the person who gave it to you for a new one.",
            ),
            Self::Invited => (
                "By invitation",
                "Accounts are made by invitation here. Ask an owner of an application, or the service's operator, for a link.",
            ),
            Self::TooMany => (
                "Too many at once",
                "Many accounts were made from your address in a short time. Nothing was done; try again in some minutes.",
            ),
            Self::PhoneTooNew => (
                "Not yet",
                "A recovery code has let in one of your phones less than a day ago. Until a day has passed no link replaces the others, so that you can \
                 remove that phone if it is not yours. An administrator can make a link for you.",
            ),
            Self::Unavailable => {
                ("Not available just now", "Nothing was changed. Load this page again in a moment.")
            }
            Self::MaybeDone => (
                "It may have been done",
                "The database gave no answer at the end of it, so it is not known whether it was done. Open the page where it would be seen, and look \
                 before you do it again. If it made something that is shown once, such as a secret or a link, make a new one.",
            ),
            Self::Internal => {
                ("Something went wrong", "This is our fault, not yours. Please try again in a moment.")
            }
        };
        Words { title, text: Text::Plain(text) }
    }
}

/// The page itself is made by [`super::error_pages`], which knows where the Console stands.
impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self.words());
        response
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn page_of(error: StorageError) -> (StatusCode, &'static str, &'static str) {
        let error = PageError::from(error);
        match error.words() {
            Words { title, text: Text::Plain(text) } => (error.status(), title, text),
            words => panic!("{}", words.title),
        }
    }

    #[test]
    fn a_commit_without_an_answer_is_neither_done_nor_undone() {
        let (status, title, text) = page_of(StorageError::MaybeCommitted("closed".to_owned()));
        assert_eq!((status, title), (StatusCode::SERVICE_UNAVAILABLE, "It may have been done"));
        assert!(
            text.contains("look before you do it again") && !text.contains("Nothing was changed"),
            "{text}"
        );
    }

    #[test]
    fn a_store_that_cannot_do_it_now_is_no_fault_of_ours() {
        for error in [
            StorageError::Busy,
            StorageError::Stopped,
            StorageError::Unreachable("frozen".to_owned()),
            StorageError::ReadOnly,
            StorageError::Full,
            StorageError::NotCommitted("the disk is full".to_owned()),
            StorageError::Replaced { path: PathBuf::new() },
        ] {
            let said = error.to_string();
            let (status, _, text) = page_of(error);
            assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{said}");
            assert!(text.contains("Nothing was changed"), "{said}");
        }
        let (status, ..) = page_of(StorageError::Corrupt { what: "session" });
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    }
}
