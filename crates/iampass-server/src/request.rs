//! A request as it came: exact bytes of the URL, headers, and the whole of a bounded body.
//!
//! Belongs here: what is taken from the request itself. Does not belong here: what it means, and under which URLs it may have been signed
//! ([`crate::known_as`]).

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::header::HOST;
use http::uri::Authority;
use http::{HeaderMap, Method, Request, StatusCode, Uri};
use http_body_util::BodyExt as _;
use hyper::body::Body as _;
use iampass_core::signing::{BODY_DIGEST, BodyDigest, Refusal};
use iampass_core::wire::Reason;
use serde::de::DeserializeOwned;

use crate::Limits;
use crate::client_address::ClientAddress;
use crate::handover::InFlight;
use crate::path_segments::{self, BadQuery};
use crate::problem::Refused;

/// How much beyond the limit is read and thrown away, so that the caller gets to read the answer instead of a reset.
const DRAINED: usize = 1024 * 1024;

/// A request whose body has been read.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
    /// Where it comes from, where that is known.
    pub(crate) address: Option<ClientAddress>,
    /// The answers on their way to the caller by the same connection, where the connection is served by this crate.
    pub(crate) connection: Option<InFlight>,
}

impl Incoming {
    /// Reads the body, before anything is answered: a caller that still writes would not see an early answer.
    pub(crate) fn read(
        request: Request<Body>,
        limits: &Limits,
    ) -> impl Future<Output = Result<Self, Refused>> + Send + use<> {
        let (limit, timeout) = (limits.body_bytes, limits.body_timeout);
        async move {
            let (parts, body) = request.into_parts();
            let body = read_body(body, limit, timeout).await?;
            let connection = parts.extensions.get().cloned();
            let address = parts.extensions.get().copied();
            Ok(Self {
                method: parts.method,
                uri: parts.uri,
                headers: parts.headers,
                body,
                address,
                connection,
            })
        }
    }

    /// The path as it came.
    pub(crate) fn path(&self) -> &str {
        self.uri.path()
    }

    /// The query as it came.
    pub(crate) fn query(&self) -> Option<&str> {
        self.uri.query()
    }

    /// The body as JSON. Its content type is never asked for \[P\].
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        serde_json::from_slice(&self.body).map_err(|error| {
            // The error of the parser may repeat what was sent; its place does not.
            let message = match error.classify() {
                serde_json::error::Category::Data => {
                    format!(
                        "the JSON body is not of the shape that this call takes (line {}, column {})",
                        error.line(),
                        error.column()
                    )
                }
                _ => format!("the body is not JSON (line {}, column {})", error.line(), error.column()),
            };
            Refused::unprocessable(Reason::InvalidBody, message)
        })
    }

    /// The body as JSON, or what stands for one that is not there.
    pub(crate) fn json_or_default<T: DeserializeOwned + Default>(&self) -> Result<T, Refused> {
        if self.body.iter().all(u8::is_ascii_whitespace) { Ok(T::default()) } else { self.json() }
    }

    /// The body as a JSON object. A list with the values of its members, which serde reads as well, is none.
    pub(crate) fn json_object<T: DeserializeOwned>(&self) -> Result<T, Refused> {
        self.json::<serde_json::Map<String, serde_json::Value>>()?;
        self.json()
    }

    /// The same, or what stands for one that is not there.
    pub(crate) fn json_object_or_default<T: DeserializeOwned + Default>(&self) -> Result<T, Refused> {
        if self.body.iter().all(u8::is_ascii_whitespace) { Ok(T::default()) } else { self.json_object() }
    }

    /// Checks the body of a call that takes none: nothing, or any JSON object.
    pub(crate) fn no_body(&self) -> Result<(), Refused> {
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        self.json::<serde_json::Map<String, serde_json::Value>>().map(drop)
    }

    /// Checks the body of a call that takes none, and that leaves out nothing that was said: nothing, or an object without members.
    pub(crate) fn empty_body(&self) -> Result<(), Refused> {
        #[derive(Default, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Nothing {}

        self.json_object_or_default().map(|Nothing {}| ())
    }

    /// Checks that the URL, which is signed, names the digest of the body that came \[X\]. An empty body has a digest too.
    pub(crate) fn signed_body(&self) -> Result<(), Refused> {
        let refused = |message| Err(Refused::new(StatusCode::UNAUTHORIZED, Reason::BodyNotSigned, message));
        match path_segments::parameter(self.query(), BODY_DIGEST) {
            Ok(Some(named)) if BodyDigest::of(&self.body).is_written(&named) => Ok(()),
            Ok(Some(_)) => refused(
                "body_sha256 in the URL is not the SHA-256 of the body that came, in 64 lower-case hexadecimal digits",
            ),
            Ok(None) => refused(
                "the URL names no body_sha256: a phone appends it to the URL that it was given, then signs and calls that",
            ),
            Err(BadQuery::Repeated) => refused("body_sha256 is in the URL more than once"),
            Err(BadQuery::NotDecodable) => refused("the query is not percent-encoded UTF-8"),
        }
    }

    /// All but the body.
    pub(crate) fn head(&self) -> RequestHead<'_> {
        RequestHead { uri: &self.uri, headers: &self.headers, address: self.address }
    }
}

/// The part of a request that its signature covers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestHead<'a> {
    uri: &'a Uri,
    pub(crate) headers: &'a HeaderMap,
    /// Where it comes from, where that is known.
    pub(crate) address: Option<ClientAddress>,
}

impl<'a> RequestHead<'a> {
    pub(crate) fn of<T>(request: &'a Request<T>) -> Self {
        Self::from(request, request.extensions().get().copied())
    }

    /// The head of a request from this address.
    pub(crate) fn from<T>(request: &'a Request<T>, address: Option<ClientAddress>) -> Self {
        Self { uri: request.uri(), headers: request.headers(), address }
    }

    /// Path and query as they came.
    pub(crate) fn target(self) -> &'a str {
        self.uri.path_and_query().map_or("/", |target| target.as_str())
    }

    /// The path as it came.
    pub(crate) fn uri_path(self) -> &'a str {
        self.uri.path()
    }

    /// The host that a proxy says it was called by. It is never believed; it explains why a signature does not match.
    pub(crate) fn forwarded_host(self) -> Option<&'a str> {
        let written = self.headers.get("x-forwarded-host")?.to_str().ok()?;
        let host = written.split(',').next()?.trim();
        let authority = host.parse::<Authority>().ok()?;
        (!host.contains('@') && !authority.host().is_empty()).then_some(host)
    }

    /// `host[:port]` as the caller wrote it: from an absolute request line, else from `Host`.
    pub(crate) fn authority(self) -> Result<&'a str, Refusal> {
        let malformed = |what| Refusal::Malformed { what };
        let written = match self.uri.authority() {
            Some(authority) => authority.as_str(),
            None => {
                let mut hosts = self.headers.get_all(HOST).into_iter();
                match (hosts.next(), hosts.next()) {
                    (Some(host), None) => {
                        host.to_str().map_err(|_| malformed("the Host header is not ASCII"))?
                    }
                    (Some(_), Some(_)) => return Err(malformed("the Host header is there twice")),
                    (None, _) => return Err(malformed("the Host header is missing")),
                }
            }
        };
        match written.parse::<Authority>() {
            Ok(authority) if !written.contains('@') && !authority.host().is_empty() => Ok(written),
            _ => Err(malformed("the Host header is not host[:port]")),
        }
    }
}

async fn read_body(mut body: Body, limit: usize, timeout: Duration) -> Result<Bytes, Refused> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let too_large = || {
        Refused::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            Reason::BodyTooLarge,
            format!("the body is larger than {limit} bytes"),
        )
    };
    let reading = async {
        let mut read = BytesMut::new();
        let mut total = 0_usize;
        while let Some(frame) = body.frame().await {
            let broken = |_| Refused::unprocessable(Reason::InvalidBody, "the body broke off");
            let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
            total = total.saturating_add(data.len());
            if total <= limit {
                read.extend_from_slice(&data);
            } else if total > limit.saturating_add(DRAINED) {
                return Err(too_large());
            }
        }
        if total > limit { Err(too_large()) } else { Ok(read.freeze()) }
    };
    match tokio::time::timeout(timeout, reading).await {
        Ok(result) => result,
        Err(_) => Err(Refused::new(
            StatusCode::REQUEST_TIMEOUT,
            Reason::InvalidBody,
            "the body did not arrive in time",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn incoming(target: &str, hosts: &[&str]) -> Incoming {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(HOST, host.parse().unwrap());
        }
        Incoming {
            method: Method::GET,
            uri: target.parse().unwrap(),
            headers,
            body: Bytes::new(),
            address: None,
            connection: None,
        }
    }

    #[test]
    fn a_host_that_cannot_be_one_is_malformed() {
        for hosts in [&[][..], &["a", "b"], &[""], &["a/b"], &["u@h"], &["a b"], &["h:99:9"]] {
            let refused = incoming("/", hosts).head().authority().map(str::to_owned);
            assert!(matches!(refused, Err(Refusal::Malformed { .. })), "{hosts:?}: {refused:?}");
        }
    }
}
