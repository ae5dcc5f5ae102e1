//! Requests byte by byte, and their answers. Belongs here: signing, sending and reading. Does not belong here: the service and what it is asked
//! ([`crate::rig`]).

use std::net::SocketAddr;

use iampass_core::signing::{BodyDigest, Nonce, Signer};
use iampass_core::{Secret, UnixSeconds};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::contract::Contract;

/// An id and the secret that belongs to it.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) id: String,
    pub(crate) secret: Secret,
}

impl Pair {
    pub(crate) fn new(id: &Value, secret: &Value) -> Self {
        Self { id: id.as_str().unwrap().to_owned(), secret: Secret::new(secret.as_str().unwrap()) }
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
    pub(crate) json: Value,
}

impl Answer {
    #[track_caller]
    pub(crate) fn is(&self, status: u16, reason: &str) {
        assert_eq!((self.status, self.json["reason"].as_str().unwrap_or("")), (status, reason), "{self:?}");
        if status >= 400 {
            assert_eq!(self.json["status"], false, "{self:?}");
            assert!(self.json["message"].is_string(), "{self:?}");
        }
    }

    #[track_caller]
    pub(crate) fn ok(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        self.json
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }
}

/// The URL that a phone signs and calls.
pub(crate) fn with_digest(url: &str, body: &str) -> String {
    BodyDigest::of(body.as_bytes()).appended_to(url)
}

pub(crate) fn sign(pair: &Pair, url: &str, nonce: u64, at: UnixSeconds) -> Vec<(&'static str, String)> {
    let signed = Signer { id: &pair.id, secret: &pair.secret }.sign(url, Nonce::new(nonce), at);
    signed.lines().into()
}

pub(crate) fn random_nonce() -> u64 {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).unwrap();
    u64::from_ne_bytes(bytes)
}

/// Path and query of a URL.
pub(crate) fn path_of(url: &str) -> &str {
    let after_scheme = url.split_once("://").unwrap().1;
    &after_scheme[after_scheme.find('/').unwrap_or(after_scheme.len())..]
}

/// A request as given, to a service that may be on its way out.
pub(crate) async fn send_to(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, String)],
    body: Option<&str>,
) -> Option<Answer> {
    let mut request = format!("{method} {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    if let Some(body) = body {
        request.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    request.push_str("\r\n");
    request.push_str(body.unwrap_or_default());
    checked(address, request.as_bytes()).await
}

/// Every answer has to be one that the service says it gives.
pub(crate) async fn checked(address: SocketAddr, bytes: &[u8]) -> Option<Answer> {
    let answer = raw_to(address, bytes).await?;
    Contract::get().await.check(bytes, &answer);
    Some(answer)
}

pub(crate) async fn raw_to(address: SocketAddr, bytes: &[u8]) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let _ = stream.write_all(bytes).await;
    let mut read = Vec::new();
    let _ = stream.read_to_end(&mut read).await;
    let text = String::from_utf8_lossy(&read);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().unwrap();
    let json = serde_json::from_str(body).unwrap_or(Value::Null);
    Some(Answer { status, head: head.to_owned(), body: body.to_owned(), json })
}
