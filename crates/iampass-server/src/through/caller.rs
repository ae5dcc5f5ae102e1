//! The client's side: connections by which a URL is sent byte for byte, which clients that know what a URL is do not do.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use http::uri::{PathAndQuery, Scheme};
use http::{Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use iampass_server_storage::SystemClock;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_util::task::AbortOnDropHandle;

use super::PROBE;
use super::echo::Echo;
use super::probe::{ProbeKeys, Wanted};
use crate::PublicUrl;
use iampass_core::port::Clock as _;

/// How long a connection, and how long an answer may take beyond what was asked for.
const PATIENCE: Duration = Duration::from_secs(15);

/// The most of an answer that is read.
const LONGEST_ANSWER: usize = 64 * 1024;

/// A version of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    Http1,
    Http2,
}

impl Version {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Http1 => "HTTP/1.1",
            Self::Http2 => "HTTP/2",
        }
    }
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotOpened {
    #[error("{0}")]
    Unreachable(String),
    /// The certificate is no good.
    #[error("{0}")]
    Untrusted(String),
    /// Anything else about the encryption.
    #[error("{0}")]
    Tls(String),
    #[error("it does not speak {}", _0.name())]
    NotSpoken(Version),
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoAnswer {
    #[error(transparent)]
    NotOpened(#[from] NotOpened),
    #[error("the connection was closed without a whole answer")]
    BrokenOff,
    #[error("no answer came in time")]
    TooLate,
    #[error("no probe can be made: the system gives no random bytes, or there is no master key")]
    NoProbe,
}

/// A request of a probe.
#[derive(Clone, Debug)]
pub(super) struct Sent<'a> {
    pub(super) version: Version,
    pub(super) method: Method,
    /// Path and query below the URL of the service.
    pub(super) target: &'a str,
    pub(super) body: BodySent,
    pub(super) wanted: Wanted,
    pub(super) headers: &'a [(HeaderName, HeaderValue)],
}

impl<'a> Sent<'a> {
    pub(super) const fn get(version: Version, target: &'a str) -> Self {
        Self {
            version,
            method: Method::GET,
            target,
            body: BodySent::Nothing,
            wanted: Wanted::Echo,
            headers: &[],
        }
    }
}

/// The body of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodySent {
    /// None, and not a word about it.
    Nothing,
    /// None, by `Content-Length: 0`.
    Empty,
    Json(&'static str),
}

/// The answer that came back.
#[derive(Debug)]
pub(super) enum Answered {
    /// The service says what arrived.
    Echo(Box<Echo>),
    /// An answer to another probe: somebody in between keeps answers.
    Kept,
    /// Something that is no answer to a probe.
    Other { status: StatusCode, headers: HeaderMap },
}

/// One end of a connection.
pub(super) struct Opened {
    sender: Sender,
    /// Our own end.
    local: SocketAddr,
    _driven: AbortOnDropHandle<()>,
}

enum Sender {
    Http1(http1::SendRequest<Full<Bytes>>),
    Http2(http2::SendRequest<Full<Bytes>>),
}

/// The client that sends probes.
pub(super) struct Caller {
    pub(super) url: PublicUrl,
    /// Where connections go, if not to where the URL leads.
    instead: Option<SocketAddr>,
    is_tls: bool,
    tls: Arc<ClientConfig>,
    keys: ProbeKeys,
    clock: SystemClock,
}

impl Caller {
    /// `roots` vouch for the certificate.
    pub(super) fn new(url: PublicUrl, roots: RootCertStore, keys: ProbeKeys) -> Result<Self, rustls::Error> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let is_tls = url.is_https();
        Ok(Self { url, instead: None, is_tls, tls: Arc::new(tls), keys, clock: SystemClock::new() })
    }

    /// The same past everything in front, at the address that the service listens on.
    pub(super) fn directly(mut self, address: SocketAddr, is_tls: bool) -> Self {
        (self.instead, self.is_tls) = (Some(address), is_tls);
        self
    }

    pub(super) async fn open(&self, version: Version) -> Result<Opened, NotOpened> {
        in_time(self.open_slowly(version)).await.unwrap_or_else(|| {
            Err(NotOpened::Unreachable(format!("there is no connection within {} s", PATIENCE.as_secs())))
        })
    }

    async fn open_slowly(&self, version: Version) -> Result<Opened, NotOpened> {
        let unreachable = |error: io::Error| NotOpened::Unreachable(error.to_string());
        let host = self.url.host();
        let name = host.trim_start_matches('[').trim_end_matches(']');
        let stream = match self.instead {
            Some(address) => TcpStream::connect(address).await,
            None => TcpStream::connect((name, self.port())).await,
        };
        let stream = stream.map_err(unreachable)?;
        let local = stream.local_addr().map_err(unreachable)?;
        let _ = stream.set_nodelay(true);
        if !self.is_tls {
            if version == Version::Http2 {
                return Err(NotOpened::NotSpoken(version));
            }
            return over(stream, version, local).await;
        }
        let mut tls = ClientConfig::clone(&self.tls);
        let offered: &[&[u8]] = match version {
            Version::Http1 => &[b"http/1.1"],
            Version::Http2 => &[b"h2", b"http/1.1"],
        };
        tls.alpn_protocols = offered.iter().map(|name| name.to_vec()).collect();
        let name = ServerName::try_from(name.to_owned())
            .map_err(|_| NotOpened::Tls("the host of the URL is no name for TLS".into()))?;
        let connecting = TlsConnector::from(Arc::new(tls)).connect(name, stream);
        let stream = connecting.await.map_err(|error| not_encrypted(&error))?;
        let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        if version == Version::Http2 && !is_http2 {
            return Err(NotOpened::NotSpoken(version));
        }
        over(stream, version, local).await
    }

    fn port(&self) -> u16 {
        let authority = self.url.authority().parse::<http::uri::Authority>().ok();
        let usual = if self.url.is_https() { 443 } else { 80 };
        authority.and_then(|authority| authority.port_u16()).unwrap_or(usual)
    }

    /// Sends a probe on a connection of its own, and reads what comes back.
    pub(super) async fn ask(&self, sent: Sent<'_>) -> Result<Answered, NoAnswer> {
        self.ask_with_local(sent).await.map(|(answered, _)| answered)
    }

    /// The same, with our own end of the connection.
    pub(super) async fn ask_with_local(&self, sent: Sent<'_>) -> Result<(Answered, SocketAddr), NoAnswer> {
        let longest = match sent.wanted {
            Wanted::Late(seconds) => Duration::from_secs(seconds) + PATIENCE,
            _ => PATIENCE,
        };
        let mut opened = self.open(sent.version).await?;
        let local = opened.local;
        let asking = async {
            let (response, nonce) = self.send(&mut opened, sent).await?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, LONGEST_ANSWER).collect().await;
            let body = body.map_err(|_| NoAnswer::BrokenOff)?.to_bytes();
            Ok(match serde_json::from_slice::<Echo>(&body) {
                Ok(echo) if parts.status.is_success() && echo.probe == nonce => {
                    Answered::Echo(Box::new(echo))
                }
                Ok(echo) if parts.status.is_success() && !echo.probe.is_empty() => Answered::Kept,
                _ => Answered::Other { status: parts.status, headers: parts.headers },
            })
        };
        let answered = timeout(longest, asking).await.unwrap_or(Err(NoAnswer::TooLate))?;
        Ok((answered, local))
    }

    /// Sends a probe, and gives the answer before its body, with the nonce by which it is known.
    pub(super) async fn send(
        &self,
        opened: &mut Opened,
        sent: Sent<'_>,
    ) -> Result<(Response<Incoming>, String), NoAnswer> {
        let (header, nonce) = self.keys.make(sent.wanted, self.clock.now().wall).ok_or(NoAnswer::NoProbe)?;
        let target = format!("{}{}", self.url.path(), sent.target);
        // Every target that is tried is one; the list is our own.
        let target = PathAndQuery::try_from(target).map_err(|_| NoAnswer::NoProbe)?;
        let uri = match sent.version {
            Version::Http1 => Uri::from(target),
            Version::Http2 => {
                let scheme = if self.is_tls { Scheme::HTTPS } else { Scheme::HTTP };
                let parts = Uri::builder().scheme(scheme).authority(self.url.authority());
                parts.path_and_query(target).build().map_err(|_| NoAnswer::NoProbe)?
            }
        };
        let body = match sent.body {
            BodySent::Json(text) => Full::from(text),
            BodySent::Nothing | BodySent::Empty => Full::default(),
        };
        let mut request = Request::new(body);
        (*request.method_mut(), *request.uri_mut()) = (sent.method, uri);
        let headers = request.headers_mut();
        if sent.version == Version::Http1 {
            let host = HeaderValue::from_str(self.url.authority()).map_err(|_| NoAnswer::NoProbe)?;
            headers.insert(HOST, host);
        }
        headers.insert(PROBE, header);
        match sent.body {
            BodySent::Nothing => {}
            BodySent::Empty => drop(headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"))),
            BodySent::Json(_) => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            }
        }
        for (name, value) in sent.headers {
            headers.append(name, value.clone());
        }
        let response = match &mut opened.sender {
            Sender::Http1(sender) => sender.send_request(request).await,
            Sender::Http2(sender) => sender.send_request(request).await,
        };
        Ok((response.map_err(|_| NoAnswer::BrokenOff)?, nonce))
    }
}

fn not_encrypted(error: &io::Error) -> NotOpened {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
    match cause {
        Some(rustls::Error::InvalidCertificate(_)) => NotOpened::Untrusted(error.to_string()),
        _ => NotOpened::Tls(error.to_string()),
    }
}

async fn in_time<T>(work: impl Future<Output = T>) -> Option<T> {
    timeout(PATIENCE, work).await.ok()
}

async fn over<S>(stream: S, version: Version, local: SocketAddr) -> Result<Opened, NotOpened>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let not_spoken = |_: hyper::Error| NotOpened::NotSpoken(version);
    let stream = TokioIo::new(stream);
    let (sender, driven) = match version {
        Version::Http1 => {
            let (sender, connection) = http1::handshake(stream).await.map_err(not_spoken)?;
            // How it ends is seen by those who wait for an answer.
            (Sender::Http1(sender), tokio::spawn(async move { drop(connection.await) }))
        }
        Version::Http2 => {
            let (sender, connection) =
                http2::handshake(TokioExecutor::new(), stream).await.map_err(not_spoken)?;
            (Sender::Http2(sender), tokio::spawn(async move { drop(connection.await) }))
        }
    };
    Ok(Opened { sender, local, _driven: AbortOnDropHandle::new(driven) })
}
