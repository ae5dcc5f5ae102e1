//! TLS: who the service is, and how connections are encrypted.
//!
//! Certificate and key are read again when their files change, and at SIGHUP; a pair that is no good is not taken, and the one before stays.
//!
//! Belongs here: certificates and handshakes. Does not belong here: what goes over the connection ([`crate::serving`]).

mod identity;
mod own_service;
mod reloading;

use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use identity::HTTP2;
pub use identity::{TlsError, TlsFiles};
pub(crate) use own_service::to_own_service;
pub(crate) use reloading::Identity;

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
