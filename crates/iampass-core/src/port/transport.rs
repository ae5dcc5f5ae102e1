//! The HTTP port.

use std::fmt;
use std::pin::Pin;

use async_trait::async_trait;
use futures_core::Stream;

/// A request as a machine wants it sent: method, absolute URL, headers and body are final. The signature is over the URL as it
/// stands here, so none of it may be rewritten on the way.
pub type HttpRequest = http::Request<Vec<u8>>;

/// An answer with its whole body.
pub type HttpResponse = http::Response<Vec<u8>>;

/// The body of an answer, piece by piece as it comes. It ends when the answer does, or after its first error.
pub type BodyStream = Pin<Box<dyn Stream<Item = Result<Vec<u8>, TransportError>> + Send>>;

/// An answer whose body comes piece by piece, for as long as it may take.
pub type StreamedResponse = http::Response<BodyStream>;

/// An error of whatever library does the I/O.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The most bytes that an answer's body may have: 1 MiB \[X\]. A transport stops reading there.
pub const MAX_ANSWER_BYTES: usize = 1024 * 1024;

/// Sends one request and brings its answer.
///
/// # Contract
/// * The request line and `Host` header carry the URL byte for byte. A transport that cannot do this refuses
///   with [`TransportErrorKind::UrlRewritten`].
/// * Redirects are not followed (law 5): an answer of any status is an answer.
/// * Nothing is retried: a nonce is good for one request.
/// * An answer over [`MAX_ANSWER_BYTES`] is refused, a connection that is never made or never answers is given up after a
///   time of the transport's choosing.
/// * Dropping the future gives the request up.
///
/// A custom one is a few lines:
///
/// ```
/// use iampass_core::port::{HttpRequest, HttpResponse, HttpTransport, TransportError};
///
/// #[derive(Debug)]
/// struct Canned;
///
/// #[async_trait::async_trait]
/// impl HttpTransport for Canned {
///     async fn send(&self, _request: HttpRequest) -> Result<HttpResponse, TransportError> {
///         Ok(http::Response::new(b"{\"status\":true}".to_vec()))
///     }
/// }
/// ```
#[async_trait]
pub trait HttpTransport: Send + Sync {
    /// Sends `request` once.
    ///
    /// # Errors
    /// [`TransportError`] when there is no whole answer.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError>;

    /// Sends `request` once and brings its answer as soon as its head is there, for a body that goes on and on.
    ///
    /// The contract is that of [`HttpTransport::send`], but for the end: a body may be silent for a long time, and its reader gives
    /// it up when it is too long, by dropping it. A piece is as large as what came at once, and never larger than
    /// [`MAX_ANSWER_BYTES`].
    ///
    /// A transport need not have it: the client then asks again and again instead.
    ///
    /// # Errors
    /// [`TransportError`] when no head came; [`TransportErrorKind::NotStreaming`] unless a transport does better.
    async fn open(&self, request: HttpRequest) -> Result<StreamedResponse, TransportError> {
        drop(request);
        Err(TransportError::new(TransportErrorKind::NotStreaming))
    }
}

/// The kind of a transport's error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection was made: nothing was sent.
    Connect,
    /// No answer in time. The service may have done what it was asked.
    Timeout,
    /// The answer was over [`MAX_ANSWER_BYTES`].
    AnswerTooLarge,
    /// The transport brings whole answers only; it sent nothing.
    NotStreaming,
    /// The transport would have sent another URL than the one that was signed; it sent nothing.
    UrlRewritten,
    /// Anything else, such as a connection cut in the middle. The service may have done what it was asked.
    Other,
}

impl TransportErrorKind {
    /// Whether the same request, signed anew, may succeed.
    #[must_use]
    pub const fn is_retryable(self) -> bool {
        matches!(self, Self::Connect | Self::Timeout | Self::Other)
    }

    const fn what(self) -> &'static str {
        match self {
            Self::Connect => "no connection could be made to the IAMPASS service",
            Self::Timeout => "the IAMPASS service did not answer in time",
            Self::AnswerTooLarge => "the answer was larger than 1 MiB",
            Self::NotStreaming => "this HTTP transport brings whole answers only",
            Self::UrlRewritten => {
                "this HTTP client cannot send the URL as it was signed (a user id that is `.` or `..`?)"
            }
            Self::Other => "the connection to the IAMPASS service failed",
        }
    }
}

/// No whole answer came.
#[derive(Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    source: Option<BoxError>,
}

impl TransportError {
    /// An error of this kind.
    #[must_use]
    pub fn new(kind: TransportErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// Keeps the library's own error behind it. It must not print URLs' queries or headers.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The kind of the error.
    #[must_use]
    pub const fn kind(&self) -> TransportErrorKind {
        self.kind
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.what())
    }
}

impl std::error::Error for TransportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
