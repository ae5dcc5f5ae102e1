//! The PROXY protocol over real sockets: who is believed, and what is closed.

use std::time::Duration;

use iampass_server::{ProxyProtocol, ServiceConfig, TrustedProxies};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::rig::Rig;

/// Far more than anything here takes.
const SOON: Duration = Duration::from_secs(60);
const REQUEST: &str = "GET /metrics HTTP/1.1\r\nHost: h\r\nConnection: close\r\n";
const LOCAL: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0";

/// `trusted` names the proxies; callers of a test come from 127.0.0.1.
async fn rig(trusted: &str, change: impl FnOnce(&mut ServiceConfig)) -> Rig {
    Rig::with(|config| {
        config.proxies.trusted = TrustedProxies::parse([trusted]).unwrap();
        config.proxies.protocol = ProxyProtocol::Any;
        config.metrics.from_this_machine = true;
        change(config);
    })
    .await
}

/// The status of the answer to this header and this request. None when the connection is closed without an answer.
async fn answer(rig: &Rig, header: &[u8], request: &str) -> Option<u16> {
    let mut stream = TcpStream::connect(rig.address).await.unwrap();
    let _ = stream.write_all(&[header, request.as_bytes(), b"\r\n"].concat()).await;
    let mut read = Vec::new();
    let ended = tokio::time::timeout(SOON, stream.read_to_end(&mut read)).await;
    let _ = ended.expect("it is answered or closed");
    String::from_utf8_lossy(&read).split(' ').nth(1).map(|status| status.parse().unwrap())
}

/// Metrics are shown to this machine alone, so that they tell whom the service takes a caller for.
#[tokio::test]
async fn the_address_in_the_header_is_that_of_the_caller() {
    let rig = rig("127.0.0.1", |_| {}).await;
    assert_eq!(answer(&rig, LOCAL, REQUEST).await, Some(200));
    assert_eq!(answer(&rig, b"PROXY UNKNOWN\r\n", REQUEST).await, Some(200));
    assert_eq!(answer(&rig, b"PROXY TCP4 203.0.113.9 10.0.0.1 4660 80\r\n", REQUEST).await, Some(404));
    let four = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xcb\0\x71\x09\x0a\0\0\x01\x12\x34\0\x50";
    assert_eq!(answer(&rig, four, REQUEST).await, Some(404));
}

#[tokio::test]
async fn without_a_good_header_nothing_is_answered() {
    let rig = rig("127.0.0.1", |_| {}).await;
    for header in [
        &b""[..],
        b"PROXY TCP4 203.0.113.9\r\n",
        b"PROXY TCP4 203.0.113.9 10.0.0.1 4660 80\n",
        b"PROXY TCP4 203.0.113.900 10.0.0.1 4660 80\r\n",
        b"\r\n\r\n\0\r\nQUIT\n\x31\x11\0\x0c",
        b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\0",
        b"\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff",
    ] {
        assert_eq!(answer(&rig, header, REQUEST).await, None, "{}", String::from_utf8_lossy(header));
    }
    // One that does not go on is closed as well.
    for begun in [&b""[..], b"PROXY UNKN", b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\x01"] {
        let mut stream = TcpStream::connect(rig.address).await.unwrap();
        stream.write_all(begun).await.unwrap();
        let closed = tokio::time::timeout(SOON, stream.read(&mut [0])).await.expect("it is closed");
        assert!(matches!(closed, Ok(0) | Err(_)));
    }
    assert_eq!(answer(&rig, LOCAL, REQUEST).await, Some(200));
}

#[tokio::test]
async fn only_a_trusted_proxy_may_name_another_address() {
    let rig = rig("192.0.2.1", |_| {}).await;
    assert_eq!(answer(&rig, b"PROXY TCP4 203.0.113.9 10.0.0.1 4660 80\r\n", REQUEST).await, None);
    assert_eq!(answer(&rig, LOCAL, REQUEST).await, Some(200));
}

/// A caller that is named by the header is no trusted proxy, whatever it writes itself.
#[tokio::test]
async fn a_forwarded_address_is_believed_only_from_a_trusted_one() {
    let rig = rig("127.0.0.0/8", |config| {
        // Each address has one failure to spend.
        config.rates.per_address_failures =
            Some(iampass_server::Rate { burst: 1, every: Duration::from_secs(3_600) });
    })
    .await;
    let failing = |forwarded: &str| {
        format!(
            "GET /device/none/pending_requests HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX-Forwarded-For: {forwarded}\r\n"
        )
    };
    let named = b"PROXY TCP4 203.0.113.9 10.0.0.1 4660 80\r\n";
    assert_eq!(answer(&rig, named, &failing("198.51.100.1")).await, Some(401));
    assert_eq!(answer(&rig, named, &failing("198.51.100.2")).await, Some(429));
    assert_eq!(answer(&rig, LOCAL, &failing("198.51.100.3")).await, Some(401));
    assert_eq!(answer(&rig, LOCAL, &failing("198.51.100.4")).await, Some(401));
}

#[tokio::test]
async fn connections_are_counted_by_the_address_in_the_header() {
    let rig = rig("127.0.0.1", |config| config.limits.connections_per_address = 2).await;
    let open = async |address: &str| {
        let mut stream = TcpStream::connect(rig.address).await.unwrap();
        let text =
            format!("PROXY TCP4 {address} 10.0.0.1 4660 80\r\nGET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
        let _ = stream.write_all(text.as_bytes()).await;
        let mut piece = [0; 12];
        let read = tokio::time::timeout(SOON, stream.read_exact(&mut piece))
            .await
            .expect("it is answered or closed");
        (read.is_ok(), stream)
    };
    let (first, second) = (open("203.0.113.9").await, open("203.0.113.9").await);
    assert!(first.0 && second.0);
    assert!(!open("203.0.113.9").await.0, "a third one is closed");
    assert!(open("203.0.113.8").await.0);
    let told = TcpStream::connect(rig.address).await.unwrap();
    assert!(
        metrics(told).await.contains("iampass_connections_refused_total{reason=\"too_many_of_address\"} 1")
    );
    // The place is free again after one has ended.
    drop(first);
    let started = std::time::Instant::now();
    while !open("203.0.113.9").await.0 {
        assert!(started.elapsed() < SOON, "there is no room again");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn metrics(mut stream: TcpStream) -> String {
    stream.write_all(&[LOCAL, REQUEST.as_bytes(), b"\r\n"].concat()).await.unwrap();
    let mut read = Vec::new();
    stream.read_to_end(&mut read).await.unwrap();
    String::from_utf8_lossy(&read).into_owned()
}

#[tokio::test]
async fn a_service_that_trusts_nobody_does_not_begin() {
    let mut config = ServiceConfig::temporary();
    config.proxies.protocol = ProxyProtocol::V2;
    let service = iampass_server::Service::open(config).await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let error = service.serve(listener, std::future::pending()).await.unwrap_err();
    assert!(error.to_string().contains("trusted_proxies"), "{error}");
}
