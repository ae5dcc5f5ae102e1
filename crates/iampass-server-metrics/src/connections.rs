//! [`Connections`]: how many connections there were, are, and were closed at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Why a connection is closed at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionRefusal {
    /// It comes neither from this machine nor from a trusted proxy, and the service speaks no TLS.
    NoTrustedProxy,
    /// Its address has as many as it may.
    TooManyOfAddress,
    /// It does not begin with a header of the PROXY protocol, or with one that is not believed.
    NoProxyHeader,
}

impl ConnectionRefusal {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::NoTrustedProxy, Self::TooManyOfAddress, Self::NoProxyHeader];

    const fn word(self) -> &'static str {
        match self {
            Self::NoTrustedProxy => "no_trusted_proxy",
            Self::TooManyOfAddress => "too_many_of_address",
            Self::NoProxyHeader => "no_proxy_header",
        }
    }
}

/// Connections that callers have made.
#[derive(Debug, Default)]
pub struct Connections {
    accepted: AtomicU64,
    ended: AtomicU64,
    refused: [AtomicU64; ConnectionRefusal::ALL.len()],
}

/// One of them, for as long as it is open.
#[derive(Debug)]
pub struct OpenConnection(Arc<Connections>);

impl Connections {
    /// One was accepted, and is open until the result is dropped.
    pub fn accepted(self: &Arc<Self>) -> OpenConnection {
        self.accepted.fetch_add(1, Ordering::Relaxed);
        OpenConnection(Arc::clone(self))
    }

    /// One was closed at once.
    pub fn refused(&self, refusal: ConnectionRefusal) {
        if let Some(count) = self.refused.get(refusal as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The word of each reason, and how many there were.
    pub fn all_refused(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let counts = self.refused.iter().map(|count| count.load(Ordering::Relaxed));
        ConnectionRefusal::ALL.map(ConnectionRefusal::word).into_iter().zip(counts)
    }

    /// How many were accepted.
    pub fn all(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// How many are open.
    pub fn open(&self) -> u64 {
        self.all().saturating_sub(self.ended.load(Ordering::Relaxed))
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
    }
}
