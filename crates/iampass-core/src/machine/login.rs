//! **Login**: start → poll → outcome.
//!
//! ```text
//!            not started ──────────────► Denied(NotStarted)
//!  start ──► started ──► poll ⟲ ───────► Granted
//!    │                    │ declined, no answer, failed, closed ──► Denied
//!    └── cancel, deadline ┴──► log out ──► Denied(Cancelled | NoAnswer)
//! ```
//!
//! A login without a name takes the same way. Its user is the one that the answer names which says `active`.
//!
//! Belongs here: the way from the session to the outcome. Does not belong here: how it begins ([`starting`]).

mod starting;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::answers::{hear_status, read_logged_out};
use super::backoff::Backoff;
use super::call::{Call, Repeat, RetryPolicy};
use super::calls;
use super::exchange::Exchange;
use super::hints::Hints;
use super::io::{Input, Machine, Output, Pause, WaitReason};
use super::login_events::{Denial, Granted, LoginEvent, LoginOutcome};
use super::login_options::LoginOptions;
use super::watch::DEFAULT_FRESHNESS;
use crate::wire::{AuthenticateStatus, SessionStatus, StatusAnswer};
use crate::{Application, Draw, Error, Monotonic, Now, Session};

/// Logs one user in: one that is named ([`Login::new`]), or the one whose phone brings the code ([`Login::nameless`]).
///
/// Nothing but an answer that says `active`, to a signed question about the session that this machine started, ends it with
/// [`LoginOutcome::Granted`] (law 1). A session that ends in any other way is logged out (law 2).
#[derive(Debug)]
#[must_use = "a machine does nothing until it is driven"]
pub struct Login {
    application: Arc<Application>,
    subject: Subject,
    options: LoginOptions,
    state: State,
    events: VecDeque<LoginEvent>,
    /// When it is decided; set when it begins.
    deadline: Option<Monotonic>,
    /// An end that waits for the session to be logged out.
    end: Option<Result<LoginOutcome, Error>>,
    /// Whether the session is ended here if nothing comes of the login.
    ends_session: bool,
}

/// The user of a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subject {
    /// That of a user who is named when it begins.
    Named,
    /// That of the user whom the service names when the phone has accepted.
    Nameless,
}

#[derive(Debug)]
enum State {
    Starting(Call<AuthenticateStatus>),
    Polling(Box<Polling>),
    LoggingOut(Session, Call<()>),
    Finished,
}

#[derive(Debug)]
struct Polling {
    session: Session,
    /// How long it lasts from its acceptance on.
    lasts: Duration,
    exchange: Exchange,
    status: SessionStatus,
    hints: Hints,
    /// Polls since the status last changed.
    polls: u32,
    next: Next,
}

/// How often it is asked while a stream tells of changes: so often, in case it does not.
const BESIDE_A_STREAM: Backoff = Backoff::new(Duration::from_secs(10), Duration::from_secs(10));

#[derive(Debug, Clone, Copy)]
enum Next {
    /// To be scheduled, no sooner than the service asked for.
    Schedule {
        at_least: Duration,
    },
    At(Monotonic),
    /// For as long as a stream tells of changes.
    Slowly(Monotonic),
}

impl Login {
    fn finish(&mut self, end: Result<LoginOutcome, Error>) {
        self.events.push_back(LoginEvent::Finished(end));
        self.state = State::Finished;
    }

    fn deny(&mut self, why: Denial) {
        self.finish(Ok(LoginOutcome::Denied(why)));
    }

    fn log_out(&mut self, session: Session, end: Result<LoginOutcome, Error>) {
        if !self.ends_session {
            return self.finish(end);
        }
        self.end = Some(end);
        let mut policy = RetryPolicy::default().with_attempts(2);
        // The caller is not kept waiting for a busy service: a logout that takes longer is owed.
        policy.longest_retry_after = Duration::from_secs(2);
        let call = Call::new(calls::logout(&session), read_logged_out, policy, Repeat::WhenItMayHelp);
        self.state = State::LoggingOut(session, call);
    }

    /// Ends it from outside: by the application, or by the clock.
    fn stop(&mut self, why: Denial) {
        match std::mem::replace(&mut self.state, State::Finished) {
            State::Starting(mut start) if start.is_under_way() => {
                // The service may be asking the phone already: its answer tells which session has to be ended.
                start.settle();
                self.end.get_or_insert(Ok(LoginOutcome::Denied(why)));
                self.state = State::Starting(start);
            }
            State::Starting(_) => self.deny(why),
            State::Polling(polling) => self.log_out(polling.session, Ok(LoginOutcome::Denied(why))),
            ending @ (State::LoggingOut(..) | State::Finished) => self.state = ending,
        }
    }

    fn polled(&mut self, answer: Result<StatusAnswer, Error>, sent_at: Now, now: Now) {
        let State::Polling(polling) = &mut self.state else { return };
        let at_least = match &answer {
            Err(error) => error.retry_after().unwrap_or_default(),
            Ok(_) => Duration::ZERO,
        };
        polling.next = Next::Schedule { at_least };
        match &answer {
            Ok(answer) => polling.hints.answered(&answer.session_status),
            Err(_) => polling.hints.failed(),
        }
        polling.hints.hold_until(now.mono + at_least);
        let (answer, assurance, user, reason) = match answer {
            Ok(answer) => (Ok(answer.session_status), answer.assurance, answer.user_id, answer.reason),
            Err(error) => (Err(error), None, None, None),
        };
        // The user of a login with a name is the one that was named, whatever the service says.
        let user = user.filter(|_| self.subject == Subject::Nameless);
        match answer {
            // Out of date when it comes: it says nothing about now. It is asked again.
            Ok(SessionStatus::Active) if now.age_of(sent_at) > DEFAULT_FRESHNESS => {
                self.events.push_back(LoginEvent::Trouble(Error::Timeout));
            }
            Ok(SessionStatus::Active) if self.subject == Subject::Nameless && user.is_none() => {
                let session = polling.session.clone();
                self.log_out(session, Err(without_a_user()));
            }
            Ok(SessionStatus::Active) => {
                let duration = polling.lasts;
                let granted = Granted {
                    session: polling.session.clone(),
                    confirmed_at: sent_at,
                    expires: sent_at.mono + duration,
                    expires_at: now.wall.plus(duration),
                    assurance,
                    user,
                };
                self.finish(Ok(LoginOutcome::Granted(granted)));
            }
            Ok(SessionStatus::Cancelled) => self.deny(Denial::of_cancelled(reason.as_ref())),
            Ok(SessionStatus::Timeout) => self.deny(Denial::NoAnswer),
            Ok(SessionStatus::Failed) => self.deny(Denial::of_failed(reason.as_ref())),
            Ok(SessionStatus::Closed) => self.deny(Denial::Closed),
            Ok(status) => {
                if polling.status != status {
                    polling.status = status.clone();
                    polling.polls = 0;
                    self.events.push_back(LoginEvent::Progress(status));
                }
            }
            Err(error) if passes(&error) => self.events.push_back(LoginEvent::Trouble(error)),
            Err(error) => {
                let session = polling.session.clone();
                self.log_out(session, Err(error));
            }
        }
    }

    fn logged_out(&mut self, session: Session, result: Result<(), Error>) {
        if let Err(error) = result
            && !super::logout::is_gone(&error)
        {
            self.events.push_back(LoginEvent::Trouble(error));
            self.events.push_back(LoginEvent::LogoutOwed(session));
        }
        let end = self.end.take().unwrap_or(Ok(LoginOutcome::Denied(Denial::Cancelled)));
        self.finish(end);
    }

    fn poll_polling(&mut self, deadline: Monotonic, now: Now, draw: Draw) -> Option<Output<LoginEvent>> {
        let State::Polling(polling) = &mut self.state else { return None };
        if polling.exchange.give_up(now) {
            self.events.push_back(LoginEvent::Trouble(Error::Timeout));
            polling.next = Next::Schedule { at_least: Duration::ZERO };
            polling.hints.failed();
            // The event is reported first.
            return None;
        }
        if let Some(pause) = polling.exchange.pause() {
            return Some(Output::Wait(pause));
        }
        let settled_until = polling.hints.settled_until(now.mono);
        polling.next = match polling.next {
            Next::At(at) => Next::At(at),
            Next::Slowly(at) if settled_until.is_some() => Next::Slowly(at),
            // The last look was taken at the deadline.
            Next::Schedule { .. } if now.mono >= deadline => {
                self.stop(Denial::NoAnswer);
                return None;
            }
            Next::Schedule { at_least } if settled_until.is_some() => {
                let wait = BESIDE_A_STREAM.wait(0, draw).max(self.options.poll.longest).max(at_least);
                Next::Slowly((now.mono + wait).min(deadline))
            }
            // Back to where it would be without a stream.
            Next::Slowly(at) => {
                let soon = now.mono + self.options.poll.wait(0, draw);
                Next::At(polling.hints.held_until().map_or(soon, |held| soon.max(held)).min(at))
            }
            Next::Schedule { at_least } => {
                let wait = self.options.poll.wait(polling.polls, draw).max(at_least);
                polling.polls = polling.polls.saturating_add(1);
                Next::At((now.mono + wait).min(deadline))
            }
        };
        let (at, look_again) = match polling.next {
            Next::Slowly(at) => (at, settled_until.unwrap_or(at)),
            Next::At(at) => (at, at),
            Next::Schedule { .. } => return None,
        };
        let at = polling.hints.due().map_or(at, |due| at.min(due));
        if at > now.mono {
            let until = at.min(look_again);
            return Some(Output::Wait(Pause { until, reason: WaitReason::NextPoll }));
        }
        polling.hints.asked(now.mono);
        Some(polling.exchange.send(&calls::status(&polling.session), now, draw))
    }
}

/// Whether a failed poll is worth another one. A session that the service does not know, or does not let us ask about, will not
/// become active; anything else may be the network, or something in between.
fn passes(error: &Error) -> bool {
    match error {
        Error::Status { status, .. } => error.is_retryable() || !matches!(status, 400..=499),
        _ => true,
    }
}

/// An active session of nobody is nobody's login.
fn without_a_user() -> Error {
    Error::Malformed { call: "status", what: "does not say whose login it is", line: 0, column: 0 }
}

impl Machine for Login {
    type Event = LoginEvent;

    fn poll_output(&mut self, now: Now, draw: Draw) -> Output<LoginEvent> {
        let deadline = *self.deadline.get_or_insert(now.mono + self.options.deadline);
        loop {
            if let Some(event) = self.events.pop_front() {
                return Output::Event(event);
            }
            if let State::Starting(_) = self.state
                && self.end.is_none()
                && now.mono >= deadline
            {
                self.stop(Denial::NoAnswer);
                continue;
            }
            match &mut self.state {
                State::Starting(start) => match start.poll_output(now, draw) {
                    Output::Event(answer) => self.started(answer, now),
                    Output::Send(outgoing) => return Output::Send(outgoing),
                    Output::Wait(pause) => {
                        let until = if self.end.is_none() { pause.until.min(deadline) } else { pause.until };
                        return Output::Wait(Pause { until, ..pause });
                    }
                    Output::Finished => self.state = State::Finished,
                },
                State::Polling(_) => {
                    if let Some(output) = self.poll_polling(deadline, now, draw) {
                        return output;
                    }
                }
                State::LoggingOut(session, call) => match call.poll_output(now, draw) {
                    Output::Event(result) => {
                        let session = session.clone();
                        self.logged_out(session, result);
                    }
                    Output::Send(outgoing) => return Output::Send(outgoing),
                    Output::Wait(pause) => return Output::Wait(pause),
                    Output::Finished => self.state = State::Finished,
                },
                State::Finished => return Output::Finished,
            }
        }
    }

    fn handle(&mut self, now: Now, input: Input) {
        match (&mut self.state, input) {
            (_, Input::Cancel) => self.stop(Denial::Cancelled),
            (State::Polling(polling), Input::Hint(hint)) => polling.hints.hear(hint, now.mono),
            (_, Input::Hint(_)) => {}
            (State::Starting(start), input) => start.handle(now, input),
            (State::LoggingOut(_, call), input) => call.handle(now, input),
            (State::Polling(polling), Input::Answer(id, answer)) => {
                if let Some(sent_at) = polling.exchange.accept(id, now) {
                    let session = &polling.session;
                    let answer = hear_status(answer, session.token().as_str(), session.secret());
                    self.polled(answer, sent_at, now);
                }
            }
            (State::Finished, Input::Answer(..)) => {}
        }
    }
}
