//! A connection to the service that signed calls go over, one after another.

use iampass_core::Secret;
use iampass_core::client::System;
use iampass_core::port::{Clock as _, Entropy as _};
use iampass_core::signing::{BodyDigest, Signer};
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::Failure;
use crate::load::read_answer;

/// An id and the secret that belongs to it.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) id: String,
    pub(super) secret: Secret,
}

impl Pair {
    pub(super) fn read(json: &Value, id: &str, secret: &str) -> Result<Self, Failure> {
        Ok(Self { id: text(json, id)?, secret: Secret::new(text(json, secret)?) })
    }
}

/// A field of an answer, by its JSON pointer.
pub(super) fn text(json: &Value, pointer: &str) -> Result<String, Failure> {
    let found = json.pointer(pointer).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| format!("an answer lacks {pointer}").into())
}

pub(super) struct Line {
    /// One to each node; they take turns.
    streams: Vec<TcpStream>,
    calls: usize,
    buffer: Vec<u8>,
    system: System,
}

impl Line {
    pub(super) async fn to(address: &str) -> Result<Self, Failure> {
        Self::over(&[address.to_owned()]).await
    }

    /// Calls go to these nodes in turn, as through a proxy in front of them.
    pub(super) async fn over(nodes: &[String]) -> Result<Self, Failure> {
        let mut streams = Vec::with_capacity(nodes.len());
        for node in nodes {
            let stream = TcpStream::connect(node).await?;
            stream.set_nodelay(true)?;
            streams.push(stream);
        }
        Ok(Self { streams, calls: 0, buffer: Vec::with_capacity(4096), system: System::new() })
    }

    /// Calls and reads the answer, which has to be a good one.
    pub(super) async fn call(
        &mut self,
        method: &str,
        url: &str,
        by: Option<&Pair>,
        body: &str,
    ) -> Result<Value, Failure> {
        let answer = self.raw(method, url, by, body).await?;
        Ok(serde_json::from_str(answer)?)
    }

    /// A request as it goes over the wire, signed now.
    pub(super) fn request(method: &str, url: &str, by: Option<&Pair>, body: &str) -> Result<String, Failure> {
        Self::written(&System::new(), method, url, by, body)
    }

    fn written(
        system: &System,
        method: &str,
        url: &str,
        by: Option<&Pair>,
        body: &str,
    ) -> Result<String, Failure> {
        let of_phone = ["/device/", "/identification/"].iter().any(|start| url.contains(start));
        let url = match method {
            "POST" if of_phone => BodyDigest::of(body.as_bytes()).appended_to(url),
            _ => url.to_owned(),
        };
        let (host, path) = url.trim_start_matches("http://").split_once('/').ok_or("a URL without a path")?;
        let mut lines = String::new();
        if let Some(Pair { id, secret }) = by {
            let signed = Signer { id, secret }.sign(&url, system.draw()?.nonce(), system.now().wall);
            let [(_, authentication), (_, timestamp), ..] = signed.lines();
            lines = format!(
                "Authentication: {authentication}\r\nX-IAMPASS-Authentication-Timestamp: {timestamp}\r\n"
            );
        }
        let length = body.len();
        Ok(format!(
            "{method} /{path} HTTP/1.1\r\nHost: {host}\r\n{lines}Content-Length: {length}\r\n\r\n{body}"
        ))
    }

    /// The same with the body as it comes.
    pub(super) async fn raw(
        &mut self,
        method: &str,
        url: &str,
        by: Option<&Pair>,
        body: &str,
    ) -> Result<&str, Failure> {
        let request = Self::written(&self.system, method, url, by, body)?;
        let turn = self.calls % self.streams.len().max(1);
        self.calls += 1;
        let stream = self.streams.get_mut(turn).ok_or("there is no node to call")?;
        stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        read_answer(stream, &mut self.buffer).await?;
        let answer = std::str::from_utf8(&self.buffer)?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or("an answer without a body")?;
        if head.starts_with("HTTP/1.1 20") {
            Ok(body)
        } else {
            Err(format!("{method} was answered {answer}").into())
        }
    }
}
