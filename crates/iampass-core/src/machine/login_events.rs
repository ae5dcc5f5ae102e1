//! The events of a login, and its outcome.

use crate::wire::{Assurance, Confirmation, MovingQr, Reason, SessionStatus};
use crate::{Error, Monotonic, Now, Secret, Session, UnixSeconds, UserToken};

/// An event of a login. They come in this order: at most one `Started` or `Decoy`, any number of `Progress` and `Trouble`, at most one
/// `LogoutOwed`, one `Finished`.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoginEvent {
    /// The service is asking the phone. To be stored before going on, with a logout that becomes due, so that the session is
    /// ended even if this process is not there any more (law 2).
    Started(StartedLogin),
    /// The service asks no phone, and gives a code all the same, which no phone can bring. A page that shows it as it shows any other until the time to
    /// answer is over does not tell whether somebody has the name. [`Denial::NotStarted`] follows at once.
    Decoy(Confirmation),
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
    /// The code to be shown where this login was begun, and nowhere else. `None`: the service makes no codes, or was not told that one is shown
    /// ([`LoginOptions::shows_code`](super::LoginOptions::shows_code)).
    pub confirmation: Option<Confirmation>,
    /// The QR code of a login without a name, which changes each second from the instant of this event on. To be shown where the login was begun,
    /// and nowhere else. `None` for a login with a name.
    pub qr: Option<MovingQr>,
    /// The link that opens IAMPASS in the browser where the login was begun, to be shown there and nowhere else. `None`: the service makes none, or the
    /// application takes no browser back ([`LoginOptions::return_to`](super::LoginOptions::return_to)).
    pub open_url: Option<Secret>,
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
    /// The proof that the approval has given. `None`: the service does not say, which counts as nothing.
    pub assurance: Option<Assurance>,
    /// The user of a login without a name: the one whose phone brought the code and accepted. `None` for a login with a name, whose user was named
    /// when it began.
    pub user: Option<UserToken>,
}

/// Why a user is not logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Denial {
    /// The service did not ask the phone; [`Reason::NoMobileDevice`]: there is none.
    NotStarted(Reason),
    /// The user declined.
    Declined,
    /// The user declined, and said that somebody else has asked: *Not me*.
    Reported,
    /// The user did not answer in time, by the service's clock or by ours.
    NoAnswer,
    /// The phone answered, and the identification failed.
    Failed,
    /// The phone brought wrong codes, too many for one login.
    WrongCode,
    /// The session was ended before it was seen active.
    Closed,
    /// The application cancelled it.
    Cancelled,
    /// The phone is that of a user whom the application does not know: its token store has no such token.
    UnknownUser,
}

impl Denial {
    /// A login that the user declined, for this reason.
    pub(super) fn of_cancelled(reason: Option<&Reason>) -> Self {
        if reason == Some(&Reason::Reported) { Self::Reported } else { Self::Declined }
    }

    /// A login whose identification failed, for this reason.
    pub(super) fn of_failed(reason: Option<&Reason>) -> Self {
        if reason == Some(&Reason::WrongCode) { Self::WrongCode } else { Self::Failed }
    }
}
