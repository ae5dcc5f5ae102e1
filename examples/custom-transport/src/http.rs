//! Another HTTP client: ureq, which blocks.

use std::time::Duration;

use iampass::core::port::{HttpRequest, HttpResponse, MAX_ANSWER_BYTES, TransportError, TransportErrorKind};
use ureq::Agent;

/// Sends requests as machines want them sent: as they are, once, and without following where an answer leads (law 5).
#[derive(Debug)]
pub struct Http(Agent);

impl Http {
    /// A client that gives up after 10 seconds.
    #[must_use]
    pub fn new() -> Self {
        let config = Agent::config_builder()
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(10)))
            .build();
        Self(config.into())
    }

    /// Sends `request` once.
    ///
    /// # Errors
    /// [`TransportError`] when there is no whole answer.
    pub fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let answer = self.0.run(request).map_err(failed)?;
        let (parts, mut body) = answer.into_parts();
        let limit = u64::try_from(MAX_ANSWER_BYTES).unwrap_or(u64::MAX);
        let body = body.with_config().limit(limit).read_to_vec().map_err(failed)?;
        Ok(HttpResponse::from_parts(parts, body))
    }
}

impl Default for Http {
    fn default() -> Self {
        Self::new()
    }
}

fn failed(error: ureq::Error) -> TransportError {
    let kind = match &error {
        ureq::Error::Timeout(_) => TransportErrorKind::Timeout,
        ureq::Error::ConnectionFailed | ureq::Error::HostNotFound => TransportErrorKind::Connect,
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            TransportErrorKind::Connect
        }
        ureq::Error::BodyExceedsLimit(_) => TransportErrorKind::AnswerTooLarge,
        _ => TransportErrorKind::Other,
    };
    TransportError::new(kind).with_source(error)
}
