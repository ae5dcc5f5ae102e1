//! The service's side: recognizing a probe.

use std::sync::Arc;

use http::HeaderValue;
use iampass_core::UnixSeconds;
use tokio::sync::Semaphore;

use super::probe::{ProbeKeys, Wanted};

/// Probes that are answered at a time. A check sends no more than five at once.
const AT_ONCE: usize = 20;

/// The state that the service keeps for probes.
pub(crate) struct Probes {
    keys: ProbeKeys,
    pub(super) room: Arc<Semaphore>,
}

impl Probes {
    pub(crate) fn new(keys: ProbeKeys) -> Self {
        Self { keys, room: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// The probe that a request with this header is, if it is one.
    pub(crate) fn recognize(&self, header: &HeaderValue, now: UnixSeconds) -> Option<Recognized> {
        self.keys.recognize(header, now).map(|(wanted, nonce)| Recognized(wanted, nonce))
    }
}

/// A probe that was recognized: what it asks for, and its nonce.
pub(crate) struct Recognized(pub(super) Wanted, pub(super) String);
