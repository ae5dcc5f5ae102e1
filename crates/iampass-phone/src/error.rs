//! [`PhoneError`]: everything that can go wrong between a phone and the service.

use std::time::Duration;

use iampass_core::RefusedUrl;
use iampass_core::port::{EntropyError, TransportError};
use iampass_core::wire::Reason;

use crate::{InvalidBrought, InvalidDigits, InvalidScan, KeyError, UnlockError};

/// The reason why a phone could not do what it was asked.
///
/// Its texts hold no secret, no URL and nothing of an answer's body but the service's own reason.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PhoneError {
    /// No whole answer came; the source says more.
    #[error("{0}")]
    Transport(#[from] TransportError),
    /// The service said no.
    #[error("the service answered the phone's {call} with {status}{}", said(.reason.as_ref(), .message.as_deref()))]
    Refused {
        /// The phone's call.
        call: &'static str,
        /// The HTTP status. It is 200 where the service took the call and did not do it.
        status: u16,
        /// The service's reason, if it gave one.
        reason: Option<Reason>,
        /// The service's sentence, if it gave one; cut to 200 characters.
        message: Option<String>,
        /// How long the service asks to wait.
        retry_after: Option<Duration>,
        /// With [`Reason::WrongCode`]: how many more may be wrong before the login fails, if the service says it.
        tries_left: Option<u64>,
    },
    /// The answer is not what it should be.
    #[error("the service's answer to the phone's {call} {what} (line {line}, column {column})")]
    Malformed {
        /// The phone's call.
        call: &'static str,
        /// The defect.
        what: &'static str,
        /// Where in the body, from one; zero where that cannot be said.
        line: usize,
        /// Where in the line, from one; zero where that cannot be said.
        column: usize,
    },
    /// The service handed out a URL that must not be called (law 5), or a registration link leads to one.
    #[error("the address for {call} is not called: {refused}")]
    RefusedUrl {
        /// The phone's call.
        call: &'static str,
        /// The defect.
        refused: RefusedUrl,
    },
    /// The device key did not sign. The call that needed it was not sent.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The question asks for an unlocked phone, and there is no proof of it. Nothing was accepted.
    #[error(transparent)]
    Unlock(#[from] UnlockError),
    /// The question asks for something that this phone cannot do. Nothing was accepted.
    #[error("this phone cannot bring what the question asks for: {method}")]
    MethodNotAvailable {
        /// The name of the method in [`iampass_core::wire::RequestedData`].
        method: &'static str,
    },
    /// The service takes no codes.
    #[error("the service of this account knows no codes: its questions come by themselves")]
    BringNotOffered,
    /// The service gives this phone no address for that: a user has one phone at most there, or this phone waits for nothing.
    #[error("the service gives this phone no address for that")]
    PhonesNotOffered,
    /// The scanned code is of another service than this account.
    #[error("the scanned code is of another service than this account")]
    OtherService,
    /// The question is of another user or application than this account.
    #[error("the question is of another user or application than this account")]
    OtherAccount,
    /// Several users of this phone could sign in by the scanned code, which names none of them. The person says who signs in, and
    /// [`Account::bring`](crate::Account::bring) of that account brings it.
    #[error("several users of this phone could sign in by this code: say who it is")]
    WhichAccount,
    /// The body of a call cannot be written as JSON. Nothing was sent.
    #[error("the body of the phone's {call} cannot be written as JSON")]
    Unwritable {
        /// The phone's call.
        call: &'static str,
    },
    /// The typed digits are no code.
    #[error(transparent)]
    Digits(#[from] InvalidDigits),
    /// The scanned text is no code of a login page.
    #[error(transparent)]
    Scan(#[from] InvalidScan),
    /// A part that the phone is made of is not set.
    #[error("{part} is not set, and the feature `system` is off")]
    NotSet {
        /// The part.
        part: &'static str,
    },
    /// The stored state of a phone cannot be read.
    #[error("this is not the stored state of a phone (line {line}, column {column})")]
    BadState {
        /// Where, from one.
        line: usize,
        /// Where in the line, from one.
        column: usize,
    },
    /// There was no randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

impl PhoneError {
    /// Whether the same may succeed a moment later without a person doing anything else.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Transport(error) => error.kind().is_retryable(),
            // A nonce that was seen before is refused for good, and so is a word that came too late; but every attempt is signed anew.
            Self::Refused { status, reason, .. } => {
                matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504)
                    || matches!(reason, Some(Reason::NonceReplayed | Reason::PresenceLate))
            }
            Self::Key(error) => error.is_retryable(),
            _ => false,
        }
    }

    /// The service's reason, if it gave one.
    #[must_use]
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Refused { reason, .. } => reason.as_ref(),
            _ => None,
        }
    }

    /// How long the service asks to wait before the next attempt.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

impl PhoneError {
    /// How many more codes may be wrong before the login fails, if the service says it.
    #[must_use]
    pub fn tries_left(&self) -> Option<u64> {
        match self {
            Self::Refused { tries_left, .. } => *tries_left,
            _ => None,
        }
    }
}

impl From<InvalidBrought> for PhoneError {
    fn from(invalid: InvalidBrought) -> Self {
        match invalid {
            InvalidBrought::Digits(invalid) => Self::Digits(invalid),
            InvalidBrought::Scan(invalid) => Self::Scan(invalid),
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

#[cfg(test)]
mod tests {
    use super::*;
    use iampass_core::port::TransportErrorKind;

    #[test]
    fn only_what_may_pass_by_itself_is_retried() {
        let refused = |status, reason| PhoneError::Refused {
            call: "call",
            status,
            reason,
            message: None,
            retry_after: None,
            tries_left: None,
        };
        for error in [
            refused(503, None),
            refused(429, Some(Reason::TooManyRequests)),
            refused(401, Some(Reason::NonceReplayed)),
            PhoneError::Transport(TransportError::new(TransportErrorKind::Timeout)),
            PhoneError::Key(KeyError::Unavailable),
        ] {
            assert!(error.is_retryable(), "{error}");
        }
        for error in [
            refused(200, Some(Reason::from("WRONG_CODE"))),
            refused(422, Some(Reason::from("WRONG_CODE"))),
            refused(401, Some(Reason::BadSignature)),
            refused(409, None),
            PhoneError::Transport(TransportError::new(TransportErrorKind::UrlRewritten)),
            PhoneError::Key(KeyError::Missing),
            PhoneError::Unlock(UnlockError::NotAvailable),
            PhoneError::Scan(InvalidScan::UnknownService),
            PhoneError::BringNotOffered,
            PhoneError::PhonesNotOffered,
        ] {
            assert!(!error.is_retryable(), "{error}");
        }
    }
}
