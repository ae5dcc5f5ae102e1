//! The phone's line to the service: signing and sending.

use std::fmt;
use std::sync::Arc;

use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use http::{Method, Uri};
use iampass_core::Secret;
use iampass_core::client::System;
use iampass_core::port::{Clock, Entropy, HttpRequest, HttpTransport};
use iampass_core::signing::{BodyDigest, Signer};
use iampass_core::wire::Problem;
use iampass_reqwest::ReqwestTransport;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::TestkitError;

/// The transport, clock and entropy that a phone sends with.
#[derive(Clone)]
pub(crate) struct Line {
    transport: Arc<dyn HttpTransport>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// A call of the phone: what it is, where it goes, who signs.
pub(super) struct PhoneCall<'a> {
    pub(super) name: &'static str,
    pub(super) method: Method,
    pub(super) url: &'a str,
    pub(super) signer: Option<(&'a str, &'a Secret)>,
    pub(super) body: Option<Vec<u8>>,
}

impl Line {
    pub(crate) fn new(transport: Arc<dyn HttpTransport>, clock: Arc<dyn Clock>) -> Self {
        Self { transport, clock, entropy: Arc::new(System::new()) }
    }

    /// Over reqwest, by the system's clock.
    pub(crate) fn of_this_machine() -> Result<Self, TestkitError> {
        Ok(Self::new(Arc::new(ReqwestTransport::new()?), Arc::new(System::new())))
    }

    pub(super) async fn call<T: DeserializeOwned>(&self, call: PhoneCall<'_>) -> Result<T, TestkitError> {
        let name = call.name;
        let body = call.body.unwrap_or_default();
        // The signature covers the URL, and with it the body whose digest stands there.
        let url = match call.signer {
            Some(_) if call.method == Method::POST => BodyDigest::of(&body).appended_to(call.url),
            _ => call.url.to_owned(),
        };
        let uri: Uri = url.parse().map_err(|_| TestkitError::BadAddress { call: name })?;
        let mut request = HttpRequest::new(body);
        let json = HeaderValue::from_static("application/json");
        *request.method_mut() = call.method;
        *request.uri_mut() = uri;
        request.headers_mut().insert(ACCEPT, json.clone());
        if !request.body().is_empty() {
            request.headers_mut().insert(CONTENT_TYPE, json);
        } else if request.method() == Method::POST {
            // HTTP clients write no length for an empty body, and some proxies answer a POST without one with 411.
            request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        if let Some((id, secret)) = call.signer {
            let signed =
                Signer { id, secret }.sign(&url, self.entropy.draw()?.nonce(), self.clock.now().wall);
            signed.insert_into(request.headers_mut());
        }
        let answer = self.transport.send(request).await?;
        if answer.status() != 200 && answer.status() != 201 {
            let problem = serde_json::from_slice::<Problem>(answer.body()).ok();
            let (reason, message) = problem.map_or((None, None), |problem| (problem.reason, problem.message));
            return Err(TestkitError::Refused {
                call: name,
                status: answer.status().as_u16(),
                reason,
                message,
            });
        }
        serde_json::from_slice(answer.body()).map_err(|error| TestkitError::Malformed {
            call: name,
            line: error.line(),
            column: error.column(),
        })
    }
}

/// A body as JSON. Ours are plain structs, which can always be written.
pub(super) fn json(body: &impl Serialize) -> Option<Vec<u8>> {
    serde_json::to_vec(body).ok()
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").finish_non_exhaustive()
    }
}
