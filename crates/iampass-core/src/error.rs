//! [`Error`]: everything that can go wrong between an application and the service.

use std::time::Duration;

use crate::port::{EntropyError, StoreError, TransportError, TransportErrorKind};
use crate::wire::Reason;
use crate::{InvalidId, InvalidSession, RefusedUrl};

/// Why a call did not bring what was asked for. An error never lets a user in (law 1).
///
/// Its texts hold no secret, no URL of a session and nothing of an answer's body but the service's own reason.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No whole answer came; the source says more.
    #[error("{0}")]
    Transport(#[source] TransportError),
    /// No answer came in time. The service may have done what it was asked.
    #[error("the IAMPASS service did not answer in time")]
    Timeout,
    /// The service answered with an HTTP error.
    #[error("the IAMPASS service answered {status}{}", said(.reason.as_ref(), .message.as_deref()))]
    Status {
        /// The HTTP status.
        status: u16,
        /// The service's reason, if it gave one.
        reason: Option<Reason>,
        /// The service's sentence, if it gave one; cut to 200 characters.
        message: Option<String>,
        /// How long the service asks to wait.
        retry_after: Option<Duration>,
    },
    /// The service answered that it did not do it.
    #[error("the IAMPASS service declined{}", said(.reason.as_ref(), .message.as_deref()))]
    Declined {
        /// The service's reason, if it gave one.
        reason: Option<Reason>,
        /// The service's sentence, if it gave one; cut to 200 characters.
        message: Option<String>,
    },
    /// The answer is not what it should be.
    #[error("the answer of the IAMPASS service to {call} {what} (line {line}, column {column})")]
    Malformed {
        /// Which call it answered.
        call: &'static str,
        /// In which way.
        what: &'static str,
        /// Where in the body, from one; zero where that cannot be said.
        line: usize,
        /// Where in the line, from one; zero where that cannot be said.
        column: usize,
    },
    /// The service handed out a URL that must not be called (law 5).
    #[error("the IAMPASS service handed out a {field} that is not called: {refused}")]
    RefusedUrl {
        /// Which one.
        field: &'static str,
        /// Why.
        refused: RefusedUrl,
    },
    /// The service is of a version that does not know what was asked for, and has done something else. The outcome of that is not given out.
    #[error("the IAMPASS service is too old for {what}: {advice}")]
    TooOld {
        /// The feature that it does not know.
        what: &'static str,
        /// The effect, and the remedy.
        advice: &'static str,
    },
    /// An argument of the caller cannot be sent.
    #[error("{what} cannot be used: {why}")]
    BadInput {
        /// The name of the argument.
        what: &'static str,
        /// The defect.
        why: &'static str,
    },
    /// An id that the caller gave is none.
    #[error("{what} cannot be used: {invalid}")]
    BadId {
        /// Which one.
        what: &'static str,
        /// The defect.
        invalid: InvalidId,
    },
    /// The application's own store failed.
    #[error("{0}")]
    Store(#[source] StoreError),
    /// There was no randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

impl Error {
    /// Whether the same call may succeed a moment later, so that trying again makes sense. Whether it is *safe* depends on the
    /// call: see [`Error::was_surely_not_done`].
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Transport(error) => error.kind().is_retryable(),
            Self::Timeout => true,
            // A nonce that was seen before is refused for good, but every attempt is signed with a new one.
            Self::Status { status, reason, .. } => {
                matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504)
                    || *reason == Some(Reason::NonceReplayed)
            }
            Self::Store(error) => error.is_retryable(),
            Self::Declined { .. }
            | Self::Malformed { .. }
            | Self::RefusedUrl { .. }
            | Self::TooOld { .. }
            | Self::BadInput { .. }
            | Self::BadId { .. }
            | Self::Entropy(_) => false,
        }
    }

    /// Whether the service has surely not done what it was asked, so that even a call that must not happen twice may be
    /// tried again.
    #[must_use]
    pub fn was_surely_not_done(&self) -> bool {
        match self {
            Self::Transport(error) => {
                use TransportErrorKind as Kind;
                matches!(error.kind(), Kind::Connect | Kind::NotStreaming | Kind::UrlRewritten)
            }
            // A bare 503 may be a proxy's, sent after the service had begun: only the service itself gives a reason.
            Self::Status { status: 503, reason, .. } => *reason == Some(Reason::Unavailable),
            Self::Status { status, .. } => matches!(status, 400..=499),
            Self::Declined { .. } | Self::BadInput { .. } | Self::BadId { .. } | Self::Entropy(_) => true,
            Self::Timeout
            | Self::Malformed { .. }
            | Self::RefusedUrl { .. }
            | Self::TooOld { .. }
            | Self::Store(_) => false,
        }
    }

    /// The service's reason, if it gave one.
    #[must_use]
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Status { reason, .. } | Self::Declined { reason, .. } => reason.as_ref(),
            _ => None,
        }
    }

    /// How long the service asks to wait before the next attempt.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    pub(crate) fn from_session(invalid: InvalidSession) -> Self {
        match invalid {
            InvalidSession::Url { field, refused } => Self::RefusedUrl { field, refused },
            InvalidSession::Missing(_) | InvalidSession::Token(_) => Self::Malformed {
                call: "authenticate_user",
                what: "has no usable session in it",
                line: 0,
                column: 0,
            },
        }
    }
}

impl From<TransportError> for Error {
    fn from(error: TransportError) -> Self {
        match error.kind() {
            TransportErrorKind::Timeout => Self::Timeout,
            _ => Self::Transport(error),
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<InvalidId> for Error {
    fn from(invalid: InvalidId) -> Self {
        Self::BadId { what: "the id", invalid }
    }
}

fn said(reason: Option<&Reason>, message: Option<&str>) -> String {
    match (reason, message) {
        (Some(reason), Some(message)) => format!(": {reason} ({message})"),
        (Some(reason), None) => format!(": {reason}"),
        (None, Some(message)) => format!(": {message}"),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_happened_and_what_the_service_said() {
        let error = Error::Status {
            status: 404,
            reason: Some(Reason::UnknownUser),
            message: Some("add the user first".into()),
            retry_after: None,
        };
        assert_eq!(error.to_string(), "the IAMPASS service answered 404: UNKNOWN_USER (add the user first)");
        assert!(!error.is_retryable());
    }

    #[test]
    fn a_call_that_may_have_been_done_is_told_apart() {
        let connect = Error::from(TransportError::new(TransportErrorKind::Connect));
        let cut = Error::from(TransportError::new(TransportErrorKind::Other));
        assert!(connect.is_retryable() && connect.was_surely_not_done());
        assert!(cut.is_retryable() && !cut.was_surely_not_done());
        assert!(Error::Timeout.is_retryable() && !Error::Timeout.was_surely_not_done());
    }
}
