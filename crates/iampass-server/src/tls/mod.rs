//! TLS: who the service is, and how connections are encrypted.
//!
//! Certificate and key are read again when their files change, and at SIGHUP; a pair that is no good is not taken, and the one before stays.
//!
//! Belongs here: certificates and handshakes. Does not belong here: what goes over the connection ([`crate::serving`]).

mod identity;
mod own_service;
mod reloading;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

pub use identity::TlsError;
pub(crate) use own_service::to_own_service;
pub(crate) use reloading::Identity;

/// The names that are agreed on for HTTP/2 and for HTTP/1.1.
const HTTP2: &[u8] = b"h2";
const HTTP1: &[u8] = b"http/1.1";

/// Certificate and key of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TlsFiles {
    /// The certificate and those that vouch for it, as PEM.
    pub certificate: PathBuf,
    /// The key, as PEM.
    pub key: PathBuf,
    /// How long a caller may take to agree on the encryption: 10 s.
    pub handshake_timeout: Duration,
}

impl TlsFiles {
    /// These files.
    #[must_use]
    pub fn new(certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self { certificate: certificate.into(), key: key.into(), handshake_timeout: Duration::from_secs(10) }
    }

    /// Whether the files are there and belong together.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn check(&self) -> Result<(), TlsError> {
        identity::load(self).map(drop)
    }
}

/// Agrees with a caller on the encryption. None when the caller does not, or takes too long.
pub(crate) async fn handshake<S: AsyncRead + AsyncWrite + Unpin>(
    config: Arc<ServerConfig>,
    socket: S,
    limit: Duration,
) -> Option<TlsStream<S>> {
    let agreed = tokio::time::timeout(limit, TlsAcceptor::from(config).accept(socket)).await;
    agreed.ok()?.ok()
}

/// Whether both have agreed on HTTP/2.
pub(crate) fn is_http2<S>(stream: &TlsStream<S>) -> bool {
    stream.get_ref().1.alpn_protocol() == Some(HTTP2)
}
