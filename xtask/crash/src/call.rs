//! Calls to the service: signing, sending, and sending the very same again.
//!
//! Belongs here: one request and what was heard of it. Does not belong here: what is asked for.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use iampass_core::Secret;
use iampass_core::client::System;
use iampass_core::port::{Clock as _, Entropy as _};
use iampass_core::signing::Signer;
use reqwest::Method;
use reqwest::redirect::Policy;
use serde_json::Value;

use crate::Failure;

/// An id and the secret that belongs to it.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) id: String,
    pub(crate) secret: Secret,
}

impl Pair {
    pub(crate) fn read(json: &Value, id: &str, secret: &str) -> Result<Self, Failure> {
        Ok(Self { id: text(json, id)?, secret: Secret::new(text(json, secret)?) })
    }
}

/// A field of an answer, by its JSON pointer.
pub(crate) fn text(json: &Value, pointer: &str) -> Result<String, Failure> {
    let found = json.pointer(pointer).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| format!("an answer lacks {pointer}").into())
}

/// A request with its signature, which can be sent again as it is.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    method: Method,
    url: String,
    signed: Vec<(&'static str, String)>,
    body: Option<String>,
}

/// The outcome of a request, as heard.
#[derive(Clone, Debug)]
pub(crate) enum Heard {
    Answer {
        status: u16,
        json: Value,
    },
    /// Nothing, or that the service does not know: the request may have been done or not.
    Nothing,
}

impl Heard {
    /// The status; 0 when nothing was heard.
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::Answer { status, .. } => *status,
            Self::Nothing => 0,
        }
    }
}

/// Somebody who calls.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    http: reqwest::Client,
    system: System,
}

impl Caller {
    /// From an address of its own: the service counts refusals by address, and lets nobody register a phone from where too many came.
    pub(crate) fn at(address: Ipv4Addr) -> Result<Self, Failure> {
        let http = reqwest::Client::builder()
            .local_address(IpAddr::from(address))
            .no_proxy()
            .redirect(Policy::none())
            .timeout(Duration::from_secs(20))
            .build()?;
        Ok(Self { http, system: System::new() })
    }

    /// A request that is signed now, or not at all.
    pub(crate) fn request(
        &self,
        method: Method,
        url: &str,
        by: Option<&Pair>,
        body: Option<String>,
    ) -> Result<Request, Failure> {
        let mut signed = Vec::new();
        if let Some(Pair { id, secret }) = by {
            let nonce = self.system.draw()?.nonce();
            signed = Signer { id, secret }.sign(url, nonce, self.system.now().wall).lines().into();
        }
        Ok(Request { method, url: url.to_owned(), signed, body })
    }

    /// Sends it and waits for the whole answer. A 503 leaves open what has become of it, as silence does.
    pub(crate) async fn send(&self, request: &Request) -> Heard {
        let mut sent = self.http.request(request.method.clone(), &request.url);
        for (name, value) in &request.signed {
            sent = sent.header(*name, value);
        }
        if let Some(body) = &request.body {
            sent = sent.header("Content-Type", "application/json").body(body.clone());
        }
        let Ok(answer) = sent.send().await else { return Heard::Nothing };
        let status = answer.status().as_u16();
        match answer.bytes().await.map(|body| serde_json::from_slice(&body)) {
            Ok(Ok(json)) if status != 503 => Heard::Answer { status, json },
            _ => Heard::Nothing,
        }
    }

    /// A question that changes nothing.
    pub(crate) async fn get(&self, url: &str, by: &Pair) -> Result<Heard, Failure> {
        Ok(self.send(&self.request(Method::GET, url, Some(by), None)?).await)
    }
}
