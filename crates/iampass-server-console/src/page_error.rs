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

/// The names of the texts of the page.
#[derive(Clone, Copy)]
pub(super) struct Words {
    pub(super) title: &'static str,
    pub(super) text: &'static str,
}

impl From<StorageError> for PageError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Forbidden => Self::RightEnded,
            StorageError::PhoneTooNew => Self::PhoneTooNew,
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
            Self::NotFound => ("error-not-found-title", "error-not-found"),
            Self::MethodNotAllowed => ("error-not-found-title", "error-method"),
            Self::NotAllowed(act) => ("error-not-allowed-title", may_not(*act)),
            Self::RightEnded => ("error-unchanged-title", "error-right-ended"),
            Self::CrossSite => ("error-unchanged-title", "error-cross-site"),
            Self::NotForScripts => ("error-unchanged-title", "error-not-for-scripts"),
            Self::BadForm(StatusCode::PAYLOAD_TOO_LARGE) => ("error-too-long-title", "error-too-long"),
            Self::BadForm(_) => ("error-not-understood-title", "error-not-understood"),
            Self::LinkIsVoid => ("error-void-link-title", "error-void-link"),
            Self::Invited => ("error-invited-title", "error-invited"),
            Self::TooMany => ("error-too-many-title", "error-too-many"),
            Self::PhoneTooNew => ("error-phone-too-new-title", "error-phone-too-new"),
            Self::Unavailable => ("error-unavailable-title", "error-unavailable"),
            Self::MaybeDone => ("error-perhaps-done-title", "error-perhaps-done"),
            Self::Internal => ("error-internal-title", "error-internal"),
        };
        Words { title, text }
    }
}

const fn may_not(act: Act) -> &'static str {
    match act {
        Act::See => "error-may-not-see",
        Act::ManageUsers => "error-may-not-manage-users",
        Act::ManageDevices => "error-may-not-manage-devices",
        Act::EndSessions => "error-may-not-end-sessions",
        Act::RotateSecret => "error-may-not-rotate-secret",
        Act::Configure => "error-may-not-configure",
        Act::SwitchOff => "error-may-not-switch-off",
        Act::Delete => "error-may-not-delete",
        Act::ManageMembers => "error-may-not-manage-members",
        Act::ManageEvents => "error-may-not-manage-events",
        Act::DecideMessages => "error-may-not-decide-messages",
        Act::Leave => "error-may-not-leave",
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

    fn page_of(error: StorageError) -> (StatusCode, &'static str) {
        let error = PageError::from(error);
        (error.status(), error.words().text)
    }

    #[test]
    fn a_commit_without_an_answer_is_neither_done_nor_undone() {
        let page = page_of(StorageError::MaybeCommitted("closed".to_owned()));
        assert_eq!(page, (StatusCode::SERVICE_UNAVAILABLE, "error-perhaps-done"));
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
            assert_eq!(page_of(error), (StatusCode::SERVICE_UNAVAILABLE, "error-unavailable"), "{said}");
        }
        let (status, _) = page_of(StorageError::Corrupt { what: "session" });
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    }
}
