//! Calls as an attacker writes them: any signer, any URL, any body, any node.

use http::header::{CONTENT_TYPE, HOST, HeaderValue};
use http::{Method, Request};
use iampass_core::client::System;
use iampass_core::port::{Clock as _, Entropy as _, HttpRequest, HttpTransport as _};
use iampass_core::signing::{BodyDigest, Signer};
use iampass_core::{Secret, UnixSeconds};
use iampass_reqwest::ReqwestTransport;
use serde_json::Value;

use crate::verdict::Failure;

/// An id and its secret, which sign.
#[derive(Clone)]
pub(crate) struct Pair {
    pub(crate) id: String,
    pub(crate) secret: Secret,
}

impl Pair {
    pub(crate) fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self { id: id.into(), secret: Secret::new(secret) }
    }
}

/// An answer, its body as JSON where it is that.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) json: Value,
}

impl Answer {
    pub(crate) fn reason(&self) -> &str {
        text(&self.json, "/reason")
    }

    /// The answer, where it is of an honest call, which has to be done.
    pub(crate) fn done(self, what: &str) -> Result<Self, Failure> {
        match self.status {
            200..=202 => Ok(self),
            status => Err(format!("{what}: {status} {}", self.reason()).into()),
        }
    }
}

/// The text at a JSON pointer; empty where there is none.
pub(crate) fn text<'v>(json: &'v Value, pointer: &str) -> &'v str {
    json.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The way to the service.
pub(crate) struct Wire {
    transport: ReqwestTransport,
    system: System,
}

impl Wire {
    pub(crate) fn new() -> Result<Self, Failure> {
        Ok(Self { transport: ReqwestTransport::new()?, system: System::new() })
    }

    pub(crate) fn now(&self) -> UnixSeconds {
        self.system.now().wall
    }

    /// A request whose signature is for `signed` at this time, and which goes to `sent`.
    pub(crate) fn signed_at(
        &self,
        at: UnixSeconds,
        pair: &Pair,
        method: Method,
        signed: &str,
        sent: &str,
        body: &str,
    ) -> Result<HttpRequest, Failure> {
        let mut request = Request::new(body.as_bytes().to_vec());
        *request.method_mut() = method;
        *request.uri_mut() = sent.parse()?;
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let signer = Signer { id: &pair.id, secret: &pair.secret };
        signer.sign(signed, self.system.draw()?.nonce(), at).insert_into(headers);
        Ok(request)
    }

    pub(crate) fn signed(
        &self,
        pair: &Pair,
        method: Method,
        url: &str,
        body: &str,
    ) -> Result<HttpRequest, Failure> {
        self.signed_at(self.now(), pair, method, url, url, body)
    }

    /// A POST of a phone: the URL names the digest of the body.
    pub(crate) fn by_phone(&self, pair: &Pair, url: &str, body: &str) -> Result<HttpRequest, Failure> {
        self.signed(pair, Method::POST, &BodyDigest::of(body.as_bytes()).appended_to(url), body)
    }

    pub(crate) async fn send(&self, request: HttpRequest) -> Result<Answer, Failure> {
        let answer = self.transport.send(request).await?;
        let json = serde_json::from_slice(answer.body()).unwrap_or_default();
        Ok(Answer { status: answer.status().as_u16(), json })
    }

    pub(crate) async fn get(&self, pair: &Pair, url: &str) -> Result<Answer, Failure> {
        self.send(self.signed(pair, Method::GET, url, "")?).await
    }

    pub(crate) async fn post(&self, pair: &Pair, url: &str, body: &Value) -> Result<Answer, Failure> {
        self.send(self.signed(pair, Method::POST, url, &body.to_string())?).await
    }

    pub(crate) async fn phone_post(&self, pair: &Pair, url: &str, body: &Value) -> Result<Answer, Failure> {
        self.send(self.by_phone(pair, url, &body.to_string())?).await
    }
}

/// The same request, sent once more.
pub(crate) fn copy(request: &HttpRequest) -> HttpRequest {
    let mut copy = Request::new(request.body().clone());
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    copy
}

/// The same request to another node, which is asked for the host that was signed.
pub(crate) fn to_node(request: &HttpRequest, node: std::net::SocketAddr) -> Result<HttpRequest, Failure> {
    let mut copy = copy(request);
    let host = request.uri().authority().ok_or("the request has no host")?.as_str();
    copy.headers_mut().insert(HOST, HeaderValue::from_str(host)?);
    let path = request.uri().path_and_query().ok_or("the request has no path")?;
    *copy.uri_mut() = format!("http://{node}{path}").parse()?;
    Ok(copy)
}
