//! [`Presence`]: whether a user is there.

/// The state of a session's user, as known at a given moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Presence {
    /// The service said `active`, and that is fresh.
    Present,
    /// The user walked away, and that is fresh.
    Away,
    /// The session is over.
    Ended,
    /// Nothing fresh is known: access is refused.
    Unknown,
}
