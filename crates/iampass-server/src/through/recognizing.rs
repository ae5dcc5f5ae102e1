//! The service's side: recognizing a probe.

use std::sync::Arc;

use http::Request;
use iampass_core::UnixSeconds;
use tokio::sync::Semaphore;

use super::PROBE;
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
}

/// A probe that was recognized: what it asks for, and its nonce.
pub(crate) struct Recognized(pub(super) Wanted, pub(super) String);

/// The probe that a request is, if it is one.
pub(crate) fn recognize<B>(
    probes: &Probes,
    request: &Request<B>,
    now: impl FnOnce() -> UnixSeconds,
) -> Option<Recognized> {
    let header = request.headers().get(PROBE)?;
    probes.keys.recognize(header, now()).map(|(wanted, nonce)| Recognized(wanted, nonce))
}
