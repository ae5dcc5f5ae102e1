//! Logouts that are owed to the service.

use super::SessionRecord;
use crate::SessionToken;

/// The logouts that [`super::SessionStore::claim_logouts`] has claimed.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
#[must_use = "a claimed logout waits for nobody else until its lease is over"]
pub struct ClaimedLogouts {
    /// The logouts to be delivered.
    pub jobs: Vec<LogoutJob>,
    /// How many more are due whose records cannot be read: the key that sealed them is gone, or they are damaged. The service cannot be
    /// told of those; their sessions last until they expire. Each is counted once for each lease.
    pub unreadable: usize,
}

impl ClaimedLogouts {
    /// These logouts, and so many that cannot be read.
    pub const fn new(jobs: Vec<LogoutJob>, unreadable: usize) -> Self {
        Self { jobs, unreadable }
    }
}

/// A logout that this node has claimed.
#[derive(Clone, Debug)]
#[must_use = "a claimed logout waits for nobody else until its lease is over"]
pub struct LogoutJob {
    /// The session to end.
    pub record: SessionRecord,
    /// To give it back with.
    pub claim: LogoutClaim,
}

/// Which claim of which logout it is, so that a node whose lease has run out cannot give back another node's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutClaim {
    /// The session.
    pub token: SessionToken,
    /// Which claim of it, counted from one by the store. Each claim of a session has a higher number than the one before, also
    /// after it was given back.
    pub number: u64,
}
