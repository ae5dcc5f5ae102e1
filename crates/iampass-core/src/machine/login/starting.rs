//! How a login begins: with a name, without one, or as one that the service has announced before.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::{Login, Next, Polling, State, Subject};
use crate::machine::answers::{is_drawable, read_authenticate, repeats};
use crate::machine::call::{Call, Repeat};
use crate::machine::calls::{self, UnsignedCall};
use crate::machine::exchange::{ANSWER_LIMIT, Exchange};
use crate::machine::hints::Hints;
use crate::machine::{Denial, LoginEvent, LoginOptions, StartedLogin};
use crate::wire::{AuthenticateStatus, Reason, SessionStatus};
use crate::{Application, Error, Monotonic, Now, Session, UserToken};

impl Login {
    /// A login of `user`, which begins when it is first polled.
    ///
    /// # Errors
    /// [`Error::BadInput`] for a duration that is not at least one whole second.
    pub fn new(
        application: Arc<Application>,
        user: &UserToken,
        options: LoginOptions,
    ) -> Result<Self, Error> {
        let (methods, lasts) = (&options.methods, options.duration);
        let call = calls::authenticate_user(&application, user, methods, lasts, &options.body())?;
        Ok(Self::starting(application, call, options, Subject::Named))
    }

    /// A login without a name, which begins when it is first polled. [`StartedLogin::qr`] is to be shown, and the phone that brings it says whose
    /// login it is: [`Granted::user`](crate::machine::Granted::user).
    ///
    /// # Errors
    /// [`Error::BadInput`] for a duration that is not at least one whole second.
    pub fn nameless(application: Arc<Application>, options: LoginOptions) -> Result<Self, Error> {
        let (methods, lasts) = (&options.methods, options.duration);
        let call = calls::start_login(&application, methods, lasts, &options.nameless_body())?;
        Ok(Self::starting(application, call, options, Subject::Nameless))
    }

    fn starting(
        application: Arc<Application>,
        call: UnsignedCall,
        options: LoginOptions,
        subject: Subject,
    ) -> Self {
        let start = Call::new(call, read_authenticate, options.retry, Repeat::WhenSurelyNotDone);
        Self {
            application,
            subject,
            options,
            state: State::Starting(start),
            events: VecDeque::new(),
            deadline: None,
            end: None,
            ends_session: true,
        }
    }

    /// A login whose session the service has announced already, to a caller that stored it: only the answer is awaited, and looked for
    /// once even if the deadline has passed.
    ///
    /// It ends no session: several may await one login, and only the caller that claims the session knows that it is in use. A stored
    /// session has a logout that becomes due.
    pub fn begun(
        application: Arc<Application>,
        session: &Session,
        options: LoginOptions,
        begun_at: Monotonic,
    ) -> Self {
        let polling = Polling {
            session: session.clone(),
            lasts: options.lasts(None),
            exchange: Exchange::default(),
            status: SessionStatus::Pending,
            hints: Hints::beside(SessionStatus::Pending),
            polls: 0,
            next: if options.deadline.is_zero() {
                Next::At(begun_at)
            } else {
                Next::Schedule { at_least: Duration::ZERO }
            },
        };
        let deadline = Some(begun_at + options.deadline);
        let state = State::Polling(Box::new(polling));
        Self {
            application,
            subject: Subject::Named,
            options,
            state,
            events: VecDeque::new(),
            deadline,
            end: None,
            ends_session: false,
        }
    }

    /// The same for a session that was started without a name: nobody is let in by an answer that names no user.
    pub fn begun_nameless(
        application: Arc<Application>,
        session: &Session,
        options: LoginOptions,
        begun_at: Monotonic,
    ) -> Self {
        Self { subject: Subject::Nameless, ..Self::begun(application, session, options, begun_at) }
    }

    pub(super) fn started(&mut self, answer: Result<AuthenticateStatus, Error>, now: Now) {
        let mut started = match answer {
            Ok(AuthenticateStatus::Started(started)) => started,
            Ok(AuthenticateStatus::NotStarted { reason, confirmation }) => {
                let secret = self.application.signer().secret;
                let repeats = repeats(reason.as_str().as_bytes(), secret);
                let reason = if repeats { Reason::Unknown("(not repeated)".to_owned()) } else { reason };
                let decoy = self.options.showable(confirmation, secret).filter(|_| self.end.is_none());
                self.events.extend(decoy.map(LoginEvent::Decoy));
                return self.deny(Denial::NotStarted(reason));
            }
            // An end from outside stands, whatever the service would have said.
            Err(error) => {
                let end = self.end.take().unwrap_or(Err(error));
                return self.finish(end);
            }
        };
        let status = started.status.clone();
        let given = started.confirmation.take();
        let confirmation = self.options.showable(given, self.application.signer().secret);
        let qr = started.qr.take();
        let open_url = self.options.openable(started.open_url.take(), self.application.signer().secret);
        let lasts = self.options.lasts(started.duration);
        let session = match Session::from_started(started, self.application.server()) {
            Ok(session) => session,
            // It cannot be logged out either: its URLs must not be called. The service ends it by itself.
            Err(invalid) => return self.finish(Err(Error::from_session(invalid))),
        };
        let qr = match (self.subject, qr) {
            (Subject::Named, _) => None,
            (Subject::Nameless, Some(qr)) if is_drawable(&qr, self.application.signer().secret) => Some(qr),
            (Subject::Nameless, _) => {
                let end = self.end.take().unwrap_or_else(|| Err(without_a_code()));
                return self.log_out(session, end);
            }
        };
        let left = self.deadline.map_or(Duration::ZERO, |deadline| deadline.since(now.mono));
        // After the deadline there are at most the last look and two attempts to log out, and some time to spare.
        let decided_by = now.wall.plus(left + ANSWER_LIMIT * 4);
        self.events.push_back(LoginEvent::Started(StartedLogin {
            session: session.clone(),
            ends_by: decided_by.plus(lasts),
            decided_by,
            confirmation,
            qr,
            open_url,
        }));
        if let Some(end) = self.end.take() {
            return self.log_out(session, end);
        }
        let next = Next::Schedule { at_least: Duration::ZERO };
        let (exchange, hints) = (Exchange::default(), Hints::beside(status.clone()));
        let polling = Polling { session, lasts, exchange, status, hints, polls: 0, next };
        self.state = State::Polling(Box::new(polling));
    }
}

/// A login without a name of which no phone could say whose it is.
fn without_a_code() -> Error {
    Error::Malformed { call: "start", what: "has no QR code that can be shown", line: 0, column: 0 }
}
