//! A service that speaks TLS, a caller that speaks HTTP/2, and one that writes its frames byte by byte.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use iampass_server::{ServiceConfig, TlsFiles};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::rig::{Pair, Phone, Rig, path_of, with_digest};

/// Far more than anything here takes.
pub(super) const SOON: Duration = Duration::from_secs(60);

/// A service over TLS, with a phone that was registered before.
pub(super) struct Secure {
    pub(super) rig: Rig,
    pub(super) phone: Phone,
    certificate: CertificateDer<'static>,
    _files: TempDir,
}

impl Secure {
    pub(super) async fn with(change: impl FnOnce(&mut ServiceConfig)) -> Self {
        let plain = Rig::start().await;
        let phone = plain.phone("u").await;
        let (clock, app, store) = plain.stop().await;
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let files = tempfile::tempdir().unwrap();
        let (certificate, key) = (files.path().join("c.pem"), files.path().join("k.pem"));
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let rig = Rig::at(clock, store, Some(app), |config| {
            config.tls = Some(TlsFiles::new(certificate, key));
            change(config);
        })
        .await;
        let certificate = CertificateDer::from_pem_slice(made.cert.pem().as_bytes()).unwrap();
        Self { phone: phone.at(&rig), rig, certificate, _files: files }
    }

    /// A connection on which this was agreed on.
    pub(super) async fn connect(&self, protocol: &[u8]) -> TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![protocol.to_vec()];
        let stream = TcpStream::connect(self.rig.address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(protocol));
        stream
    }

    pub(super) async fn caller(&self) -> Caller {
        self.caller_with_window(65_535).await
    }

    /// One that takes so many bytes of each answer before it asks for more.
    pub(super) async fn caller_with_window(&self, window: u32) -> Caller {
        let stream = TokioIo::new(self.connect(b"h2").await);
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder.initial_stream_window_size(window);
        let (sender, connection) = builder.handshake(stream).await.unwrap();
        Caller { sender, connection: tokio::spawn(connection) }
    }

    /// A connection that writes frames as they are given.
    pub(super) async fn raw(&self) -> Raw {
        Raw(self.connect(b"h2").await)
    }
}

pub(super) struct Caller {
    sender: SendRequest<Full<Bytes>>,
    /// Ends when the connection does.
    pub(super) connection: JoinHandle<hyper::Result<()>>,
}

impl Caller {
    /// A signed request, and its answer from the head on.
    pub(super) async fn open(
        &self,
        rig: &Rig,
        pair: &Pair,
        method: &str,
        url: &str,
        body: &str,
    ) -> hyper::Result<Response<Incoming>> {
        let path = path_of(url);
        let is_of_phone = path.starts_with("/device/") || path.starts_with("/identification/");
        let url = if method == "POST" && is_of_phone { with_digest(url, body) } else { url.to_owned() };
        let url = rig.url(path_of(&url));
        let mut request = Request::builder().method(method).uri(url.replacen("http:", "https:", 1));
        for (name, value) in rig.signed(pair, &url) {
            request = request.header(name, value);
        }
        self.send(request.body(Full::from(body.to_owned())).unwrap()).await
    }

    pub(super) async fn send(&self, request: Request<Full<Bytes>>) -> hyper::Result<Response<Incoming>> {
        let mut sender = self.sender.clone();
        let answer = async {
            sender.ready().await?;
            sender.send_request(request).await
        };
        tokio::time::timeout(SOON, answer).await.expect("there was no answer")
    }

    pub(super) async fn get(&self, rig: &Rig, path: &str) -> hyper::Result<Response<Incoming>> {
        let url = format!("https://{}{path}", rig.address);
        self.send(Request::get(url).body(Full::default()).unwrap()).await
    }

    /// A signed request, and its whole answer.
    pub(super) async fn call(&self, rig: &Rig, pair: &Pair, method: &str, url: &str) -> (u16, Value) {
        let body = if method == "POST" { "{}" } else { "" };
        whole(self.open(rig, pair, method, url, body).await.unwrap()).await
    }
}

pub(super) async fn whole(answer: Response<Incoming>) -> (u16, Value) {
    let status = answer.status().as_u16();
    let body = tokio::time::timeout(SOON, answer.into_body().collect()).await.expect("the body ends");
    (status, serde_json::from_slice(&body.unwrap().to_bytes()).unwrap_or(Value::Null))
}

/// The text that each connection begins with.
pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A frame.
pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = vec![length[1], length[2], length[3], kind, flags];
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// `GET /` of a host `h`, packed.
pub(super) const HEAD: &[u8] = &[0x82, 0x87, 0x84, 0x41, 0x01, b'h'];
pub(super) const HEADERS: u8 = 1;
pub(super) const RST_STREAM: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
pub(super) const CONTINUATION: u8 = 9;
pub(super) const END_STREAM: u8 = 1;
pub(super) const END_HEADERS: u8 = 4;

pub(super) struct Raw(TlsStream<TcpStream>);

impl Raw {
    /// Sends; false when the connection is gone.
    pub(super) async fn send(&mut self, bytes: &[u8]) -> bool {
        self.0.write_all(bytes).await.is_ok() && self.0.flush().await.is_ok()
    }

    pub(super) async fn begin(&mut self) {
        assert!(self.send(&[PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()).await);
    }

    /// All that comes until the service closes the connection, which it has to.
    pub(super) async fn rest(mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let ended = tokio::time::timeout(SOON, self.0.read_to_end(&mut rest)).await;
        let _ = ended.expect("it is closed");
        rest
    }

    /// Whether the service has closed the connection, after this time at the latest.
    pub(super) async fn has_ended_after(&mut self, time: Duration) -> bool {
        let mut piece = [0; 4_096];
        match tokio::time::timeout(time, self.0.read(&mut piece)).await {
            Ok(Ok(length)) => length == 0,
            Ok(Err(_)) => true,
            Err(_) => false,
        }
    }
}
