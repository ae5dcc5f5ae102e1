//! **Watch**: a session in use. Is the user still there?
//!
//! ```text
//!                 ┌──────────── active ◄───────────┐
//!  unconfirmed ──►│ Present ──► walkaway ──► Away ──┤──► closed, cancelled, timeout, failed,
//!                 └──► unknown word ──► Unclear ────┘    unknown to the service, expired ──► Ended
//! ```
//!
//! The service's last answer holds for the freshness bound and no longer, by the monotonic clock and by the wall clock: a machine that
//! slept believes nothing from before. After that nothing is known, and nothing known means no access (law 1), however the next
//! question goes.

pub(super) mod at_rest;

use std::collections::VecDeque;
use std::time::Duration;

use super::answers::hear_status;
use super::backoff::Backoff;
use super::calls::{self, UnsignedCall};
use super::exchange::Exchange;
use super::hints::{Hint, Hints};
use super::io::{Input, Machine, Output, Pause, WaitReason};
use super::login_events::Granted;
use crate::wire::{Assurance, SessionStatus, StatusAnswer};
use crate::{Draw, Error, Monotonic, Now, Session};

/// For how long an answer of the service holds, unless set otherwise.
pub(super) const DEFAULT_FRESHNESS: Duration = Duration::from_secs(10);

/// How a session is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WatchOptions {
    /// For how long an answer of the service holds, and how often it is asked; 10 s unless set otherwise.
    pub freshness: Duration,
    /// How soon it is asked again after a question without an answer: from 1 s up to the freshness bound.
    pub retry: Duration,
}

impl Default for WatchOptions {
    fn default() -> Self {
        Self { freshness: DEFAULT_FRESHNESS, retry: Duration::from_secs(1) }
    }
}

impl WatchOptions {
    /// The same with another freshness bound: half a second at least, or the service would be asked without a pause.
    #[must_use]
    pub fn freshness(mut self, freshness: Duration) -> Self {
        self.freshness = freshness;
        self
    }

    /// The same within what a service can bear.
    fn bounded(self) -> Self {
        const SHORTEST_FRESHNESS: Duration = Duration::from_millis(500);
        const SHORTEST_RETRY: Duration = Duration::from_millis(100);
        Self { freshness: self.freshness.max(SHORTEST_FRESHNESS), retry: self.retry.max(SHORTEST_RETRY) }
    }
}

/// The access of a session's user at a given moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub enum Access {
    /// The service said `active`, and that is fresh: let the user in.
    Granted,
    /// Nothing fresh is known: wait for [`Watch`] to ask, and refuse access until then.
    Unconfirmed,
    /// The user is not present: refuse access.
    Away,
    /// The session is over: refuse access.
    Ended,
}

/// An event of a session in use.
#[derive(Debug)]
#[non_exhaustive]
pub enum WatchEvent {
    /// The user is there: confirmed for the first time, or back.
    Present,
    /// The phone left. The session is not ended, but the user is not present.
    Away,
    /// The service answered a status that this version does not know: access is refused.
    Unclear(SessionStatus),
    /// The service could not be asked, and is asked again.
    Unreachable(Error),
    /// The session is over.
    Ended(WatchEnd),
}

/// Why a session is over.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WatchEnd {
    /// The service ended it: logged out, logged out remotely, or past its duration.
    Closed(SessionStatus),
    /// The service knows of no such session.
    Gone,
    /// Its duration is over by our clock.
    Expired,
}

/// Watches one session for as long as it lasts.
#[derive(Debug)]
#[must_use = "a machine does nothing until it is driven"]
pub struct Watch {
    call: UnsignedCall,
    options: WatchOptions,
    expires: Monotonic,
    state: State,
    /// The event reported last, so that only changes are reported.
    told: Told,
    exchange: Exchange,
    hints: Hints,
    /// While the question was under way a hint spoke against letting the user in, which its answer does not outweigh.
    is_doubted: bool,
    next: Next,
    failures: u32,
    /// The proof of the approval, by the last clear answer.
    assurance: Option<Assurance>,
    events: VecDeque<WatchEvent>,
    finished: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Unconfirmed,
    /// Since when: when the question was asked that was answered so.
    Present(Now),
    Away(Now),
    Ended,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Told {
    Nothing,
    Present,
    Away,
    Unclear(SessionStatus),
    Unreachable,
}

#[derive(Debug, Clone, Copy)]
enum Next {
    At(Monotonic, WaitReason),
    AfterFailure { at_least: Duration },
}

impl Watch {
    /// Watches a session that a login has just granted; it counts as confirmed when the login asked.
    pub fn granted(granted: &Granted, options: WatchOptions) -> Self {
        let options = options.bounded();
        let mut watch = Self::resumed(&granted.session, granted.expires, options);
        watch.state = State::Present(granted.confirmed_at);
        watch.assurance.clone_from(&granted.assurance);
        watch.told = Told::Present;
        watch.hints = Hints::beside(SessionStatus::Active);
        watch.next = Next::At(granted.confirmed_at.mono + options.freshness, WaitReason::Recheck);
        watch
    }

    /// Watches a session that was stored or imported. Nothing is known of it until it has been asked about, which is the first thing that is done.
    pub fn resumed(session: &Session, expires: Monotonic, options: WatchOptions) -> Self {
        Self {
            call: calls::status(session),
            options: options.bounded(),
            expires,
            state: State::Unconfirmed,
            told: Told::Nothing,
            exchange: Exchange::default(),
            hints: Hints::default(),
            is_doubted: false,
            next: Next::At(Monotonic::ORIGIN, WaitReason::Recheck),
            failures: 0,
            assurance: None,
            events: VecDeque::new(),
            finished: false,
        }
    }

    /// The access of the session's user now.
    pub fn access(&self, now: Now) -> Access {
        let is_fresh = |since| now.age_of(since) <= self.options.freshness;
        match self.state {
            State::Ended => Access::Ended,
            _ if now.mono >= self.expires => Access::Ended,
            State::Present(since) if is_fresh(since) => Access::Granted,
            State::Away(since) if is_fresh(since) => Access::Away,
            State::Unconfirmed | State::Present(_) | State::Away(_) => Access::Unconfirmed,
        }
    }

    /// The age of the service's last answer, if there is one, by the clock that shows more. For handlers that want it fresher than the
    /// bound.
    #[must_use]
    pub fn age(&self, now: Now) -> Option<Duration> {
        self.confirmed_at().map(|since| now.age_of(since))
    }

    /// The time of the question that the service answered last, if there is one.
    #[must_use]
    pub fn confirmed_at(&self) -> Option<Now> {
        match self.state {
            State::Present(since) | State::Away(since) => Some(since),
            State::Unconfirmed | State::Ended => None,
        }
    }

    /// The proof that the approval of the session has given, by the answer of [`Watch::confirmed_at`]. `None`: the service does not say, or nothing is known,
    /// which counts as nothing.
    #[must_use]
    pub fn assurance(&self) -> Option<&Assurance> {
        self.assurance.as_ref().filter(|_| self.confirmed_at().is_some())
    }

    /// Asks at the next poll, instead of when it is due; unless a question is under way already, whose answer will do.
    pub fn ask_now(&mut self, now: Now) {
        if self.exchange.pause().is_none() && !self.finished {
            self.next = Next::At(now.mono, WaitReason::Recheck);
        }
    }

    /// Draws the wait after a failure, as the next poll would: a watch that rests knows when it is due.
    pub(crate) fn settle(&mut self, now: Now, draw: Draw) {
        if !self.finished {
            self.schedule(now, draw);
        }
    }

    /// When the next question is due by the schedule, and why it is waited for.
    fn schedule(&mut self, now: Now, draw: Draw) -> (Monotonic, WaitReason) {
        let (at, reason) = match self.next {
            Next::At(at, reason) => (at, reason),
            Next::AfterFailure { at_least } => {
                let backoff =
                    Backoff::new(self.options.retry, self.options.freshness).growing_by_percent(200);
                let wait = backoff.wait(self.failures.saturating_sub(1), draw).max(at_least);
                (now.mono + wait, WaitReason::Retry)
            }
        };
        // A word that the wall clock says is too old is asked for again at once: the machine slept, or a clock was set.
        let is_stale = self.confirmed_at().is_some_and(|since| now.age_of(since) > self.options.freshness);
        let at = if is_stale && reason == WaitReason::Recheck { at.min(now.mono) } else { at };
        self.next = Next::At(at, reason);
        (at, reason)
    }

    /// A hint of the status stream. It grants no access; one that speaks against the session refuses the user until the service has been
    /// asked.
    fn hinted(&mut self, hint: Hint, now: Monotonic) {
        if hint.denies() {
            self.is_doubted = self.exchange.pause().is_some();
            if let State::Present(_) = self.state {
                self.state = State::Unconfirmed;
            }
        }
        self.hints.hear(hint, now);
    }

    fn end(&mut self, why: WatchEnd) {
        self.exchange.abandon();
        self.state = State::Ended;
        self.finished = true;
        self.events.push_back(WatchEvent::Ended(why));
    }

    fn tell(&mut self, told: Told, event: WatchEvent) {
        if self.told != told {
            self.told = told;
            self.events.push_back(event);
        }
    }

    fn answered(&mut self, answer: StatusAnswer, sent_at: Now) {
        let status = answer.session_status;
        self.assurance = answer.assurance;
        self.failures = 0;
        self.next = Next::At(sent_at.mono + self.options.freshness, WaitReason::Recheck);
        self.hints.answered(&status);
        match status {
            SessionStatus::Active if self.is_doubted => {
                self.state = State::Unconfirmed;
                self.hints.ask_again();
            }
            SessionStatus::Active => {
                self.state = State::Present(sent_at);
                self.tell(Told::Present, WatchEvent::Present);
            }
            SessionStatus::Walkaway => {
                self.state = State::Away(sent_at);
                self.tell(Told::Away, WatchEvent::Away);
            }
            ended if ended.is_ended() => self.end(WatchEnd::Closed(ended)),
            unclear => {
                // A session in use that is `pending` makes as little sense as an unknown word.
                self.state = State::Unconfirmed;
                self.tell(Told::Unclear(unclear.clone()), WatchEvent::Unclear(unclear));
            }
        }
    }

    fn failed(&mut self, error: Error, now: Monotonic) {
        if super::logout::is_gone(&error) {
            return self.end(WatchEnd::Gone);
        }
        self.failures = self.failures.saturating_add(1);
        let at_least = error.retry_after().unwrap_or_default();
        self.next = Next::AfterFailure { at_least };
        self.hints.failed();
        self.hints.hold_until(now + at_least);
        // A word that was said before the failure still holds until it is too old, but no longer.
        self.tell(Told::Unreachable, WatchEvent::Unreachable(error));
    }
}

impl Machine for Watch {
    type Event = WatchEvent;

    fn poll_output(&mut self, now: Now, draw: Draw) -> Output<WatchEvent> {
        if !self.finished && now.mono >= self.expires {
            self.end(WatchEnd::Expired);
        }
        if !self.finished && self.exchange.give_up(now) {
            self.failed(Error::Timeout, now.mono);
        }
        if let Some(event) = self.events.pop_front() {
            return Output::Event(event);
        }
        if self.finished {
            return Output::Finished;
        }
        if let Some(pause) = self.exchange.pause() {
            return Output::Wait(Pause { until: pause.until.min(self.expires), ..pause });
        }
        let (at, reason) = self.schedule(now, draw);
        let at = self.hints.due().map_or(at, |due| at.min(due));
        if at > now.mono {
            return Output::Wait(Pause { until: at.min(self.expires), reason });
        }
        self.hints.asked(now.mono);
        self.is_doubted = false;
        self.exchange.send(&self.call, now, draw)
    }

    fn handle(&mut self, now: Now, input: Input) {
        if self.finished {
            return;
        }
        match input {
            // The watch ends; the caller decides whether the session ends too.
            Input::Cancel => {
                self.exchange.abandon();
                self.state = State::Ended;
                self.finished = true;
            }
            Input::Hint(hint) => self.hinted(hint, now.mono),
            Input::Answer(id, answer) => {
                let Some(sent_at) = self.exchange.accept(id, now) else { return };
                match hear_status(answer, self.call.signer_id(), self.call.secret()) {
                    // The clock may not have been looked at since: no access is reported when it is over.
                    Ok(answer) if answer.session_status.grants_access() && now.mono >= self.expires => {
                        self.end(WatchEnd::Expired);
                    }
                    // Out of date when it comes: it says nothing about now, and must not be told as if it did.
                    Ok(answer)
                        if answer.session_status.grants_access()
                            && now.age_of(sent_at) > self.options.freshness =>
                    {
                        self.failed(Error::Timeout, now.mono);
                    }
                    Ok(answer) => self.answered(answer, sent_at),
                    Err(error) => self.failed(error, now.mono),
                }
            }
        }
    }
}
