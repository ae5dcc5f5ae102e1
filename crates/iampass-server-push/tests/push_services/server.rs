//! A server that keeps what it gets and answers what it is told to, over HTTP/1.1, or over TLS with HTTP/2.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use http::{HeaderMap, Request, Response, Version};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) version: Version,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("{name} is missing")).to_str().unwrap()
    }
}

pub(crate) type Reply = Response<Full<Bytes>>;

pub(crate) fn reply(status: u16, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Reply {
    let mut reply = Response::builder().status(status);
    for (name, value) in headers {
        reply = reply.header(*name, *value);
    }
    reply.body(Full::new(body.into())).unwrap()
}

/// A running server. It ends with the runtime of its test.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) got: Arc<Mutex<Vec<Got>>>,
    /// The certificate to trust.
    pub(crate) authority: Option<String>,
}

type Answers = Arc<dyn Fn(&Got) -> Reply + Send + Sync>;

impl Server {
    /// Over plain HTTP, on loopback.
    pub(crate) async fn plain(answers: impl Fn(&Got) -> Reply + Send + Sync + 'static) -> Self {
        Self::start(None, Arc::new(answers)).await
    }

    /// Over TLS as `localhost`, with nothing but HTTP/2.
    pub(crate) async fn http2(answers: impl Fn(&Got) -> Reply + Send + Sync + 'static) -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec()];
        let mut server = Self::start(Some(TlsAcceptor::from(Arc::new(config))), Arc::new(answers)).await;
        server.authority = Some(made.cert.pem());
        server
    }

    async fn start(tls: Option<TlsAcceptor>, answers: Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, got) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
        let kept = Arc::clone(&got);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (tls, answers, kept) = (tls.clone(), Arc::clone(&answers), Arc::clone(&kept));
                tokio::spawn(async move {
                    let service =
                        service_fn(move |request| answer(request, Arc::clone(&answers), Arc::clone(&kept)));
                    let builder = Builder::new(TokioExecutor::new());
                    match tls {
                        None => drop(builder.serve_connection(TokioIo::new(socket), service).await),
                        Some(tls) => {
                            let Ok(socket) = tls.accept(socket).await else { return };
                            drop(builder.serve_connection(TokioIo::new(socket), service).await);
                        }
                    }
                });
            }
        });
        Self { address, got, authority: None }
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    /// The server's URL, without a final slash.
    pub(crate) fn url(&self) -> String {
        match self.authority {
            None => format!("http://{}", self.address),
            Some(_) => format!("https://localhost:{}", self.address.port()),
        }
    }
}

async fn answer(
    request: Request<Incoming>,
    answers: Answers,
    kept: Arc<Mutex<Vec<Got>>>,
) -> Result<Reply, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes().to_vec()).unwrap_or_default();
    let got = Got { version: head.version, path: head.uri.path().to_owned(), headers: head.headers, body };
    let reply = answers(&got);
    kept.lock().unwrap().push(got);
    Ok(reply)
}
