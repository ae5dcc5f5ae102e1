//! Answers that go on and on.

use std::time::Duration;

use futures_util::StreamExt as _;
use iampass_core::port::{
    HttpRequest, HttpTransport, StreamedResponse, TransportError, TransportErrorKind as Kind,
};
use iampass_reqwest::ReqwestTransport;

use crate::raw_server::{RawServer, Reply};

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
const CHUNKED: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

/// A limit that runs out in a test. A head that has to come before that has this long, so it is no shorter.
const SHORT: Duration = Duration::from_secs(2);

/// A limit that does not.
const LONG: Duration = Duration::from_secs(20);

async fn open(reply: Reply) -> (RawServer, Result<StreamedResponse, TransportError>) {
    open_within(LONG, reply).await
}

async fn open_within(limit: Duration, reply: Reply) -> (RawServer, Result<StreamedResponse, TransportError>) {
    let server = RawServer::start(reply).await;
    let request: HttpRequest = http::Request::get(server.url("/stream")).body(Vec::new()).unwrap();
    let transport = ReqwestTransport::new().unwrap().with_total_timeout(limit);
    let opened = transport.open(request).await;
    (server, opened)
}

#[tokio::test]
async fn what_has_come_is_there_before_the_end_is_and_the_limit_for_whole_answers_does_not_cut_it() {
    let reply = Reply::BytesThenSilence(format!("{CHUNKED}7\r\ndata: x\r\n").into_bytes());
    let (_server, opened) = open_within(SHORT, reply).await;
    let mut opened = opened.unwrap();
    assert_eq!(opened.status(), 200);
    assert_eq!(opened.headers()["content-type"], "text/event-stream");
    assert_eq!(opened.body_mut().next().await.unwrap().unwrap(), b"data: x");
    let more = tokio::time::timeout(SHORT * 3 / 2, opened.body_mut().next()).await;
    assert!(more.is_err(), "it is open, and nothing comes");
}

/// The limit of a caller's client is for whole answers.
#[tokio::test]
async fn the_limit_of_a_callers_client_does_not_cut_it_either() {
    let server = RawServer::start(Reply::BytesThenSilence(HEAD.into())).await;
    let client = reqwest::Client::builder().no_proxy().timeout(SHORT).build().unwrap();
    let request = http::Request::get(server.url("/")).body(Vec::new()).unwrap();
    let mut opened = ReqwestTransport::with_client(client).open(request).await.unwrap();
    assert!(tokio::time::timeout(SHORT * 3 / 2, opened.body_mut().next()).await.is_err());
}

#[tokio::test]
async fn a_head_that_does_not_come_is_a_timeout() {
    for heard in ["", "HTTP/1.1 200 OK\r\n"] {
        let (server, opened) = open_within(SHORT, Reply::BytesThenSilence(heard.into())).await;
        assert_eq!(opened.err().unwrap().kind(), Kind::Timeout);
        assert_eq!(server.seen().len(), 1, "nothing is sent twice");
    }
}

#[tokio::test]
async fn the_end_of_a_body_is_told_from_a_cut() {
    let (_server, opened) =
        open(Reply::BytesThenCut(format!("{CHUNKED}1\r\nx\r\n0\r\n\r\n").into_bytes())).await;
    let mut body = opened.unwrap().into_body();
    assert_eq!(body.next().await.unwrap().unwrap(), b"x");
    assert!(body.next().await.is_none());
    let (_server, opened) = open(Reply::BytesThenCut(format!("{CHUNKED}1\r\nx\r\n").into_bytes())).await;
    let mut body = opened.unwrap().into_body();
    assert_eq!(body.next().await.unwrap().unwrap(), b"x");
    assert_eq!(body.next().await.unwrap().unwrap_err().kind(), Kind::Other);
    assert!(body.next().await.is_none(), "it ends after its first error");
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let other = RawServer::start(Reply::Bytes(HEAD.into())).await;
    let head =
        format!("HTTP/1.1 307 X\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", other.url("/elsewhere"));
    let (_server, opened) = open(Reply::Bytes(head.into_bytes())).await;
    assert_eq!(opened.unwrap().status(), 307);
    assert_eq!(other.connections(), 0);
    let server = RawServer::start(Reply::Bytes(
        format!("HTTP/1.1 307 X\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", other.url("/elsewhere"))
            .into_bytes(),
    ))
    .await;
    let careless = ReqwestTransport::with_client(reqwest::Client::builder().no_proxy().build().unwrap());
    let request = http::Request::get(server.url("/")).body(Vec::new()).unwrap();
    assert_eq!(careless.open(request).await.err().unwrap().kind(), Kind::Other);
}

#[tokio::test]
async fn a_body_without_an_end_comes_in_bounded_pieces() {
    let (_server, opened) = open(Reply::BytesThenFlood(HEAD.into())).await;
    let mut body = opened.unwrap().into_body();
    let mut read = 0;
    while read < 4 * 1024 * 1024 {
        let piece = body.next().await.unwrap().unwrap();
        assert!(piece.len() <= iampass_core::port::MAX_ANSWER_BYTES);
        read += piece.len();
    }
}

#[tokio::test]
async fn dropping_it_closes_the_connection() {
    let (server, opened) = open(Reply::BytesThenFlood(HEAD.into())).await;
    assert_eq!(server.open_connections(), 1);
    drop(opened);
    for _ in 0..100 {
        if server.open_connections() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the connection is still there");
}
