//! The events of a login, and its outcome.

use crate::wire::{Reason, SessionStatus};
use crate::{Error, Monotonic, Now, Session, UnixSeconds};

/// An event of a login. They come in this order: at most one `Started`, any number of `Progress` and `Trouble`, at most one
/// `LogoutOwed`, one `Finished`.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoginEvent {
    /// The service is asking the phone. To be stored before going on, with a logout that becomes due, so that the session is
    /// ended even if this process is not there any more (law 2).
    Started(StartedLogin),
    /// The service told another status than before; also a word that this version does not know.
    Progress(SessionStatus),
    /// Something failed and is tried again.
    Trouble(Error),
    /// The session could not be ended at the service yet: queue its logout (law 2).
    LogoutOwed(Session),
    /// The end. An error means that the outcome is not known: not logged in.
    Finished(Result<LoginOutcome, Error>),
}

/// A session whose user is being asked.
#[derive(Clone, Debug)]
pub struct StartedLogin {
    /// The session. It grants nothing yet.
    pub session: Session,
    /// When the session must have ended at the service, whatever happens.
    pub ends_by: UnixSeconds,
    /// When this login is over, one way or the other.
    pub decided_by: UnixSeconds,
}

/// How a login ended.
#[derive(Debug)]
#[must_use]
#[non_exhaustive]
pub enum LoginOutcome {
    /// The user is logged in.
    Granted(Granted),
    /// The user is not logged in.
    Denied(Denial),
}

/// A session that is active. To be watched: see [`super::Watch`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Granted {
    /// The session.
    pub session: Session,
    /// When the question was asked that was answered with `active`: from then on its freshness counts, by both clocks.
    pub confirmed_at: Now,
    /// When the session's duration is over, on the monotonic clock.
    pub expires: Monotonic,
    /// The same on the wall clock, for stores.
    pub expires_at: UnixSeconds,
}

/// Why a user is not logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Denial {
    /// The service did not ask the phone; [`Reason::NoMobileDevice`]: there is none.
    NotStarted(Reason),
    /// The user declined.
    Declined,
    /// The user did not answer in time, by the service's clock or by ours.
    NoAnswer,
    /// The phone answered, and the identification failed.
    Failed,
    /// The session was ended before it was seen active.
    Closed,
    /// The application cancelled it.
    Cancelled,
}
