//! [`TestkitError`]: everything that can go wrong here.

use iampass_core::port::{EntropyError, TransportError};
use iampass_core::wire::Reason;
use iampass_phone::PhoneError;

/// Why the test kit could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TestkitError {
    /// The service did not start or stop.
    #[error("the service in the test kit failed: {0}")]
    Service(#[from] iampass_server::ServerError),
    /// A port or a temporary directory was not to be had.
    #[error("the test kit could not set itself up: {0}")]
    Io(#[from] std::io::Error),
    /// The service is stopped: start it again first.
    #[error("the service is stopped; call `start_again` first")]
    Stopped,
    /// A client could not be built, or its call failed.
    #[error(transparent)]
    Client(#[from] iampass_core::Error),
    /// The phone got no whole answer.
    #[error("{0}")]
    Transport(#[from] TransportError),
    /// The HTTP client could not be made.
    #[error(transparent)]
    TransportSetup(#[from] iampass_reqwest::TransportSetupError),
    /// There was no randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    /// The service said no to the phone.
    #[error("the service answered the phone's {call} with {status}{}", said(.reason.as_ref(), .message.as_deref()))]
    Refused {
        /// The phone's call.
        call: &'static str,
        /// The HTTP status.
        status: u16,
        /// The service's reason, if it gave one.
        reason: Option<Reason>,
        /// The service's sentence, if it gave one.
        message: Option<String>,
        /// With [`Reason::WrongCode`]: how many more may be wrong before the login fails, if the service says it.
        tries_left: Option<u64>,
    },
    /// The answer is not what it should be.
    #[error("the service's answer to the phone's {call} cannot be read (line {line}, column {column})")]
    Malformed {
        /// The phone's call.
        call: &'static str,
        /// Where in the body, from one.
        line: usize,
        /// Where in the line, from one.
        column: usize,
    },
    /// The phone did not make the call, or could not take its answer.
    #[error(transparent)]
    Phone(PhoneError),
    /// No question reached the phone in the time that it waited.
    #[error("no question reached the phone in time")]
    NothingAsked,
    /// The stored state of a phone cannot be read.
    #[error("this is not the stored state of a phone (line {line}, column {column})")]
    BadState {
        /// Where, from one.
        line: usize,
        /// Where in the line, from one.
        column: usize,
    },
}

impl TestkitError {
    /// Whether the same may succeed a moment later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Transport(error) => error.kind().is_retryable(),
            Self::Client(error) => error.is_retryable(),
            Self::Refused { status, .. } => matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504),
            Self::Phone(error) => error.is_retryable(),
            Self::NothingAsked => true,
            _ => false,
        }
    }
}

impl From<PhoneError> for TestkitError {
    fn from(error: PhoneError) -> Self {
        match error {
            PhoneError::Transport(error) => Self::Transport(error),
            PhoneError::Refused { call, status, reason, message, tries_left, .. } => {
                Self::Refused { call, status, reason, message, tries_left }
            }
            PhoneError::Malformed { call, line, column, .. } => Self::Malformed { call, line, column },
            PhoneError::BadState { line, column } => Self::BadState { line, column },
            PhoneError::Entropy(error) => Self::Entropy(error),
            other => Self::Phone(other),
        }
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
