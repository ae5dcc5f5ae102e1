//! **Enrolment**: assign token → add user → link → poll until a device is registered.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::answers::{read_added_users, read_has_device, read_registration_link};
use super::backoff::Backoff;
use super::call::{Call, Repeat, RetryPolicy};
use super::calls;
use super::io::{Input, Machine, Output, Pause, WaitReason};
use crate::wire::AddedUsers;
use crate::{Application, Draw, Error, Monotonic, Now, RegistrationLink, UserToken};

/// How an enrolment goes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EnrolmentOptions {
    /// How the phone shows the user; the service does not keep it \[D\].
    pub display_name: Option<String>,
    /// How long the phone has to register; 10 min unless set otherwise.
    pub deadline: Duration,
    /// The waits between polls: from 1 s to 3 s unless set otherwise.
    pub poll: Backoff,
    /// How failed calls are tried again.
    pub retry: RetryPolicy,
}

impl Default for EnrolmentOptions {
    fn default() -> Self {
        Self {
            display_name: None,
            deadline: Duration::from_secs(600),
            poll: Backoff::new(Duration::from_secs(1), Duration::from_secs(3)),
            retry: RetryPolicy::default(),
        }
    }
}

impl EnrolmentOptions {
    /// The same with a name for the phone to show.
    #[must_use]
    pub fn display_name(mut self, name: impl Into<String>) -> Self {
        self.display_name = Some(name.into());
        self
    }

    /// The same with this time to register.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }
}

/// An event of an enrolment.
#[derive(Debug)]
#[non_exhaustive]
pub enum EnrolmentEvent {
    /// Store this token for the user unless they have one, and tell [`Enrolment::assigned`] which it is now.
    Assign(UserToken),
    /// The service knows the user.
    UserAdded {
        /// Whether it knew them before.
        existed: bool,
    },
    /// To be opened on the phone.
    Link(RegistrationLink),
    /// A poll failed and is tried again.
    Trouble(Error),
    /// The end.
    Finished(Result<EnrolmentOutcome, Error>),
}

/// How an enrolment ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub enum EnrolmentOutcome {
    /// The phone is registered.
    Registered,
    /// The user had a registered phone before; no link was asked for. A lost one is replaced by
    /// [`super::calls::lost_device`].
    AlreadyRegistered,
    /// No phone was registered in time. The link may still work.
    NotInTime,
    /// The application cancelled it.
    Cancelled,
}

/// Makes a user of the application one who can log in by phone.
#[derive(Debug)]
#[must_use = "a machine does nothing until it is driven"]
pub struct Enrolment {
    application: Arc<Application>,
    options: EnrolmentOptions,
    state: State,
    events: VecDeque<EnrolmentEvent>,
    token: Option<UserToken>,
    deadline: Option<Monotonic>,
}

#[derive(Debug)]
enum State {
    Unassigned,
    Assigning,
    Adding(Call<AddedUsers>),
    /// The user was there before: perhaps with a phone.
    Checking(Call<bool>),
    Linking(Call<RegistrationLink>),
    Waiting {
        polls: u32,
        /// How long the service asked to wait, if it did.
        at_least: Duration,
        until: Option<Monotonic>,
    },
    Polling {
        polls: u32,
        call: Call<bool>,
    },
    Finished,
}

impl Enrolment {
    /// An enrolment that begins with a token being assigned.
    pub fn new(application: Arc<Application>, options: EnrolmentOptions) -> Self {
        let state = State::Unassigned;
        Self { application, options, state, events: VecDeque::new(), token: None, deadline: None }
    }

    /// The token that the user has now, in answer to [`EnrolmentEvent::Assign`]. Ignored at any other time.
    pub fn assigned(&mut self, token: UserToken) {
        if !matches!(self.state, State::Assigning) {
            return;
        }
        match calls::add_users(&self.application, std::slice::from_ref(&token)) {
            Ok(call) => self.state = State::Adding(self.call(call, read_added_users)),
            Err(error) => self.finish(Err(error)),
        }
        self.token = Some(token);
    }

    fn call<T>(
        &self,
        call: calls::UnsignedCall,
        read: fn(&crate::port::HttpResponse) -> Result<T, Error>,
    ) -> Call<T> {
        Call::new(call, read, self.options.retry, Repeat::WhenItMayHelp)
    }

    fn finish(&mut self, end: Result<EnrolmentOutcome, Error>) {
        self.events.push_back(EnrolmentEvent::Finished(end));
        self.state = State::Finished;
    }

    fn ask_for_device(&self) -> Option<Call<bool>> {
        let token = self.token.as_ref()?;
        Some(self.call(calls::has_registered_device(&self.application, token), read_has_device))
    }

    fn added(&mut self, result: Result<AddedUsers, Error>) {
        let users = match result {
            Ok(users) => users,
            Err(error) => return self.finish(Err(error)),
        };
        let existed = self.token.as_ref().is_some_and(|token| users.existing.contains(token));
        self.events.push_back(EnrolmentEvent::UserAdded { existed });
        match self.ask_for_device() {
            Some(call) if existed => self.state = State::Checking(call),
            _ => self.link(),
        }
    }

    fn checked(&mut self, result: Result<bool, Error>) {
        match result {
            Ok(true) => self.finish(Ok(EnrolmentOutcome::AlreadyRegistered)),
            Ok(false) => self.link(),
            Err(error) => self.finish(Err(error)),
        }
    }

    fn link(&mut self) {
        let Some(token) = &self.token else { return };
        match calls::registration_link(&self.application, token, self.options.display_name.as_deref()) {
            Ok(call) => self.state = State::Linking(self.call(call, read_registration_link)),
            Err(error) => self.finish(Err(error)),
        }
    }

    fn linked(&mut self, result: Result<RegistrationLink, Error>, now: Now) {
        match result {
            Ok(link) => {
                self.deadline = Some(now.mono + self.options.deadline);
                self.events.push_back(EnrolmentEvent::Link(link));
                self.state = State::Waiting { polls: 0, at_least: Duration::ZERO, until: None };
            }
            Err(error) => self.finish(Err(error)),
        }
    }

    fn polled(&mut self, result: Result<bool, Error>, polls: u32, now: Now) {
        let mut at_least = Duration::ZERO;
        match result {
            Ok(true) => return self.finish(Ok(EnrolmentOutcome::Registered)),
            Ok(false) => {}
            Err(error) if error.is_retryable() => {
                at_least = error.retry_after().unwrap_or_default();
                self.events.push_back(EnrolmentEvent::Trouble(error));
            }
            Err(error) => return self.finish(Err(error)),
        }
        if self.deadline.is_some_and(|deadline| now.mono >= deadline) {
            return self.finish(Ok(EnrolmentOutcome::NotInTime));
        }
        self.state = State::Waiting { polls: polls.saturating_add(1), at_least, until: None };
    }
}

/// Polls a call that is a step of a larger machine: what it says goes out, what it ends with goes on.
macro_rules! step {
    ($self:ident, $call:ident, $now:ident, $draw:ident, $then:expr) => {
        match $call.poll_output($now, $draw) {
            Output::Event(result) => $then(&mut *$self, result),
            Output::Send(outgoing) => return Output::Send(outgoing),
            Output::Wait(pause) => return Output::Wait(pause),
            Output::Finished => $self.state = State::Finished,
        }
    };
}

impl Machine for Enrolment {
    type Event = EnrolmentEvent;

    fn poll_output(&mut self, now: Now, draw: Draw) -> Output<EnrolmentEvent> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Output::Event(event);
            }
            match &mut self.state {
                State::Unassigned => {
                    self.state = State::Assigning;
                    return Output::Event(EnrolmentEvent::Assign(UserToken::from_draw(draw)));
                }
                State::Assigning => {
                    return Output::Wait(Pause { until: Monotonic::NEVER, reason: WaitReason::Assignment });
                }
                State::Adding(call) => step!(self, call, now, draw, Self::added),
                State::Checking(call) => step!(self, call, now, draw, Self::checked),
                State::Linking(call) => {
                    step!(self, call, now, draw, |this: &mut Self, result| this.linked(result, now));
                }
                State::Polling { polls, call } => {
                    let polls = *polls;
                    step!(self, call, now, draw, |this: &mut Self, result| this.polled(result, polls, now));
                }
                State::Waiting { polls, at_least, until } => {
                    let deadline = self.deadline.unwrap_or(Monotonic::NEVER);
                    let wait = self.options.poll.wait(*polls, draw).max(*at_least);
                    let at = *until.get_or_insert((now.mono + wait).min(deadline));
                    if at > now.mono {
                        return Output::Wait(Pause { until: at, reason: WaitReason::NextPoll });
                    }
                    let polls = *polls;
                    self.state = match self.ask_for_device() {
                        Some(call) => State::Polling { polls, call },
                        None => State::Finished,
                    };
                }
                State::Finished => return Output::Finished,
            }
        }
    }

    fn handle(&mut self, now: Now, input: Input) {
        match (&mut self.state, input) {
            (State::Finished, _) => {}
            (_, Input::Cancel) => self.finish(Ok(EnrolmentOutcome::Cancelled)),
            (State::Adding(call), input) => call.handle(now, input),
            (State::Checking(call) | State::Polling { call, .. }, input) => call.handle(now, input),
            (State::Linking(call), input) => call.handle(now, input),
            (
                State::Unassigned | State::Assigning | State::Waiting { .. },
                Input::Answer(..) | Input::Hint(_),
            ) => {}
        }
    }
}
