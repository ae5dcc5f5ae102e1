//! The service's door: who signed, and never with a nonce that was seen before.

use std::collections::BTreeSet;

use crate::port::{HttpRequest, HttpResponse};
use crate::signing::{DEFAULT_WINDOW, Presented};
use crate::{Now, Secret};

/// Lets in what is signed by one id with one secret.
pub(super) struct Gate {
    id: &'static str,
    secret: Secret,
    seen: BTreeSet<u64>,
}

impl Gate {
    pub(super) fn application() -> Self {
        Self { id: "APP", secret: Secret::new("application test key"), seen: BTreeSet::new() }
    }

    pub(super) fn session() -> Self {
        Self { id: "SESSION", secret: Secret::new("session test key"), seen: BTreeSet::new() }
    }

    /// Fails the test for a request that a strict service would refuse.
    pub(super) fn check(&mut self, request: &HttpRequest, now: Now) {
        let presented = Presented::from_headers(request.headers()).unwrap();
        let url = request.uri().to_string();
        let url = url.strip_prefix("https://").expect("never in clear");
        assert_eq!(presented.id(), self.id);
        assert_eq!(presented.verify(&self.secret, &[url], now.wall, DEFAULT_WINDOW), Ok(()));
        assert!(self.seen.insert(presented.nonce().value()), "a nonce was used twice");
    }
}

pub(super) fn answer(status: u16, body: impl Into<String>) -> HttpResponse {
    http::Response::builder().status(status).body(body.into().into_bytes()).unwrap()
}
