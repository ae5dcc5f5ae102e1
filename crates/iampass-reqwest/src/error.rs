//! Errors that occur before anything is sent.
//!
//! Belongs here: this crate's own error. Does not belong here: errors of a request, which are the core's
//! [`iampass_core::port::TransportError`].

/// The default client could not be made.
#[derive(Debug, thiserror::Error)]
#[error(
    "the HTTP client cannot be set up: {0}; check the system's certificates and the proxy settings in the environment"
)]
pub struct TransportSetupError(#[source] reqwest::Error);

impl TransportSetupError {
    pub(crate) fn new(error: reqwest::Error) -> Self {
        Self(error.without_url())
    }

    /// Whether trying again may help: never, since the machine's own settings stand in the way.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        false
    }
}
