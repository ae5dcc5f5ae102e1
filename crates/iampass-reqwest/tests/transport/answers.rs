//! Answers, good and bad, and their connections.

use std::error::Error as _;
use std::time::Duration;

use crate::raw_server::{RawServer, Reply, ok};
use iampass_core::port::{
    HttpRequest, HttpTransport, MAX_ANSWER_BYTES, TransportError, TransportErrorKind as Kind,
};
use iampass_reqwest::ReqwestTransport;
use tokio::net::TcpListener;

fn get(url: &str) -> HttpRequest {
    http::Request::get(url).body(Vec::new()).unwrap()
}

fn transport() -> ReqwestTransport {
    ReqwestTransport::new().unwrap()
}

async fn error(reply: Reply) -> TransportError {
    error_within(Duration::from_secs(20), reply).await
}

async fn error_within(limit: Duration, reply: Reply) -> TransportError {
    let server = RawServer::start(reply).await;
    let transport = transport().with_total_timeout(limit);
    let failed = transport.send(get(&server.url("/secret-name-of-a-session"))).await.unwrap_err();
    let mut text = format!("{failed} {failed:?}");
    let mut source = failed.source();
    while let Some(error) = source {
        text.push_str(&error.to_string());
        source = error.source();
    }
    assert!(!text.contains("secret-name"), "{text}");
    assert_eq!(server.seen().len(), 1, "nothing is sent twice");
    failed
}

#[tokio::test]
async fn an_answer_of_any_status_is_an_answer() {
    for status in [200_u16, 202, 204, 301, 302, 303, 307, 308, 304, 400, 401, 404, 429, 500, 503] {
        let other = RawServer::start(Reply::Bytes(ok("followed"))).await;
        let head = format!(
            "HTTP/1.1 {status} Whatever\r\nLocation: {}\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n",
            other.url("/elsewhere")
        );
        let server = RawServer::start(Reply::Bytes(head.into_bytes())).await;
        let answer = transport().send(get(&server.url("/"))).await.unwrap();
        assert_eq!(answer.status(), status);
        assert_eq!(answer.headers()["retry-after"], "7");
        assert_eq!(other.connections(), 0, "{status} was followed");
        assert_eq!(server.seen().len(), 1, "{status} was sent twice");
    }
}

#[tokio::test]
async fn a_redirect_that_a_callers_client_followed_is_refused() {
    let other = RawServer::start(Reply::Bytes(ok("{\"status\":true}"))).await;
    let head =
        format!("HTTP/1.1 307 X\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", other.url("/elsewhere"));
    let server = RawServer::start(Reply::Bytes(head.into_bytes())).await;
    let careless = ReqwestTransport::with_client(reqwest::Client::builder().no_proxy().build().unwrap());
    let refused = careless.send(get(&server.url("/"))).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Other);
    assert!(refused.source().unwrap().to_string().contains("redirect"));
}

#[tokio::test]
async fn one_connection_serves_many_requests_one_after_the_other() {
    let server = RawServer::start(Reply::Bytes(ok("{}"))).await;
    let transport = transport();
    for _ in 0..20 {
        let answer = transport.clone().send(get(&server.url("/"))).await.unwrap();
        assert_eq!(answer.body(), b"{}");
    }
    assert_eq!((server.seen().len(), server.connections()), (20, 1));
}

#[tokio::test]
async fn the_largest_answer_is_read_and_not_one_byte_more() {
    let body = "x".repeat(MAX_ANSWER_BYTES);
    let server = RawServer::start(Reply::Bytes(ok(&body))).await;
    assert_eq!(transport().send(get(&server.url("/"))).await.unwrap().body().len(), MAX_ANSWER_BYTES);
    let too_large = error(Reply::Bytes(ok(&format!("{body}x")))).await;
    assert_eq!(too_large.kind(), Kind::AnswerTooLarge);
}

#[tokio::test]
async fn a_large_announcement_is_refused_before_it_comes() {
    for announced in ["1048577", "9007199254740993"] {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {announced}\r\n\r\n").into_bytes();
        assert_eq!(error(Reply::BytesThenSilence(head)).await.kind(), Kind::AnswerTooLarge);
    }
}

#[tokio::test]
async fn a_body_without_an_end_is_refused() {
    let flood = Reply::BytesThenFlood(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec());
    let server = RawServer::start(flood).await;
    let refused = transport().send(get(&server.url("/"))).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::AnswerTooLarge);
}

#[tokio::test]
async fn headers_without_an_end_are_refused() {
    let flood = Reply::BytesThenFlood(b"HTTP/1.1 200 OK\r\nX: ".to_vec());
    let server = RawServer::start(flood).await;
    let refused = transport().send(get(&server.url("/"))).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Other);
}

#[tokio::test]
async fn silence_is_a_timeout_wherever_it_begins() {
    for heard in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"sta"] {
        // The request has to have been seen by then.
        let failed = error_within(Duration::from_secs(2), Reply::BytesThenSilence(heard.into())).await;
        assert_eq!(failed.kind(), Kind::Timeout, "{heard:?}");
    }
}

#[tokio::test]
async fn a_cut_connection_is_no_answer() {
    for heard in [
        "",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"status\":true}",
        "gopher",
    ] {
        assert_eq!(error(Reply::BytesThenCut(heard.into())).await.kind(), Kind::Other, "{heard:?}");
    }
}

#[tokio::test]
async fn nobody_at_home_is_a_failure_to_connect() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let failed = transport().send(get(&url)).await.unwrap_err();
    assert_eq!(failed.kind(), Kind::Connect);
    assert!(failed.kind().is_retryable());
}
