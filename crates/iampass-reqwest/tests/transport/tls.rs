//! TLS: whom the transport trusts.

use std::sync::Arc;

use iampass_core::port::{HttpRequest, HttpTransport, TransportErrorKind};
use iampass_reqwest::ReqwestTransport;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// A server whose certificate is for `name` and signed by nobody else; its port and the certificate.
async fn start(name: &str) -> (u16, Vec<u8>) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed([name.to_owned()]).unwrap();
    let certificate = cert.der().to_vec();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await;
        }
    });
    (port, certificate)
}

fn get(port: u16) -> HttpRequest {
    http::Request::get(format!("https://localhost:{port}/")).body(Vec::new()).unwrap()
}

fn trusting(certificate: &[u8]) -> ReqwestTransport {
    let root = reqwest::Certificate::from_der(certificate).unwrap();
    let client = reqwest::Client::builder().tls_certs_only([root]).no_proxy().build().unwrap();
    ReqwestTransport::with_client(client)
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let (port, _) = start("localhost").await;
    let refused = ReqwestTransport::new().unwrap().send(get(port)).await.unwrap_err();
    assert_eq!(refused.kind(), TransportErrorKind::Connect);
}

#[tokio::test]
async fn a_certificate_that_the_caller_trusts_is_accepted() {
    let (port, certificate) = start("localhost").await;
    assert_eq!(trusting(&certificate).send(get(port)).await.unwrap().body(), b"{}");
}

#[tokio::test]
async fn a_trusted_certificate_for_another_name_is_refused() {
    let (port, certificate) = start("elsewhere.example").await;
    let refused = trusting(&certificate).send(get(port)).await.unwrap_err();
    assert_eq!(refused.kind(), TransportErrorKind::Connect);
}
