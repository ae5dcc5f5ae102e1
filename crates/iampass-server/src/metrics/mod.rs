//! The service's counters, and `/metrics`, where Prometheus reads it.
//!
//! Counting must cost next to nothing, since the state of sessions is asked for all the time: tables of atomics that have their size from
//! the beginning. Labels are words of this code only, never anything of a request but its route.
//!
//! Belongs here: counters, and who may read them. Does not belong here: when something is to be counted.

mod access;
mod deliveries;
mod histogram;
mod live_sessions;
mod logins;
mod page;
mod requests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub use access::MetricsAccess;
pub(crate) use deliveries::DeliveryEvent;
pub(crate) use histogram::{Histogram, Scale};
pub(crate) use logins::LoginEvent;
pub(crate) use page::{MetricsListener, page};

use deliveries::Deliveries;
use live_sessions::LiveSessions;
use logins::Logins;
use requests::Requests;

use crate::serving::Refusal;

/// All counters of a service.
#[derive(Debug)]
pub(crate) struct Metrics {
    pub(crate) requests: Requests,
    pub(crate) logins: Logins,
    pub(crate) deliveries: Deliveries,
    pub(crate) connections: Arc<Connections>,
    live_sessions: LiveSessions,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        Self {
            requests: Requests::new(),
            logins: Logins::default(),
            deliveries: Deliveries::default(),
            connections: Arc::default(),
            live_sessions: LiveSessions::default(),
        }
    }
}

/// Connections that callers have made.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    accepted: AtomicU64,
    ended: AtomicU64,
    refused: [AtomicU64; Refusal::ALL.len()],
}

/// One of them, for as long as it is open.
#[derive(Debug)]
pub(crate) struct OpenConnection(Arc<Connections>);

impl Connections {
    pub(crate) fn accepted(self: &Arc<Self>) -> OpenConnection {
        self.accepted.fetch_add(1, Ordering::Relaxed);
        OpenConnection(Arc::clone(self))
    }

    /// One was closed at once.
    pub(crate) fn refused(&self, refusal: Refusal) {
        if let Some(count) = self.refused.get(refusal as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn all_refused(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let counts = self.refused.iter().map(|count| count.load(Ordering::Relaxed));
        Refusal::ALL.map(Refusal::word).into_iter().zip(counts)
    }

    fn all(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    fn open(&self) -> u64 {
        self.all().saturating_sub(self.ended.load(Ordering::Relaxed))
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
    }
}
