//! **Call**: one question to the service, asked again where that is safe.

use std::fmt;
use std::time::Duration;

use super::answers::hear;
use super::backoff::Backoff;
use super::calls::UnsignedCall;
use super::exchange::Exchange;
use super::io::{Input, Machine, Output, Pause, WaitReason};
use crate::port::HttpResponse;
use crate::{Draw, Error, Monotonic, Now};

/// How often a failed call is made again, and after which waits.
///
/// ```
/// use iampass_core::machine::RetryPolicy;
///
/// assert_eq!(RetryPolicy::default().attempts, 4);
/// assert_eq!(RetryPolicy::never().attempts, 1);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// How often the call is made at most; 4 unless set otherwise.
    pub attempts: u32,
    /// The waits in between: from 200 ms, doubling, to 2 s unless set otherwise.
    pub backoff: Backoff,
    /// The longest `Retry-After` that is waited for; a longer one ends the call with the error that says it. 30 s unless
    /// set otherwise.
    pub longest_retry_after: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 4,
            backoff: Backoff::new(Duration::from_millis(200), Duration::from_secs(2)).growing_by_percent(200),
            longest_retry_after: Duration::from_secs(30),
        }
    }
}

impl RetryPolicy {
    /// One attempt.
    #[must_use]
    pub fn never() -> Self {
        Self { attempts: 1, ..Self::default() }
    }

    /// The same with another number of attempts.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// The wait before the next attempt, or `None` if there is to be none.
    fn wait(&self, made: u32, error: &Error, draw: Draw) -> Option<Duration> {
        if made >= self.attempts {
            return None;
        }
        let wait = self.backoff.wait(made.saturating_sub(1), draw);
        match error.retry_after() {
            Some(asked) if asked > self.longest_retry_after => None,
            Some(asked) => Some(wait.max(asked)),
            None => Some(wait),
        }
    }
}

/// When a failed call may be made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// After every error that may pass: the call may happen twice without harm.
    WhenItMayHelp,
    /// Only where the service has surely not done it: a second one would ask the user twice.
    WhenSurelyNotDone,
}

/// Makes one call until it is answered, or until the policy says that it is enough. Each attempt is signed anew.
///
/// Its only event is the result.
#[derive(Debug)]
#[must_use = "a machine does nothing until it is driven"]
pub struct Call<T> {
    call: UnsignedCall,
    read: fn(&HttpResponse) -> Result<T, Error>,
    policy: RetryPolicy,
    repeat: Repeat,
    made: u32,
    exchange: Exchange,
    state: State<T>,
}

enum State<T> {
    Due(Monotonic),
    Asking,
    Failed(Error),
    Answered(T),
    Finished,
}

/// An answer is the caller's to print: it may hold what the service should not have said.
impl<T> fmt::Debug for State<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Due(at) => f.debug_tuple("Due").field(at).finish(),
            Self::Asking => f.write_str("Asking"),
            Self::Failed(error) => f.debug_tuple("Failed").field(error).finish(),
            Self::Answered(_) => f.write_str("Answered"),
            Self::Finished => f.write_str("Finished"),
        }
    }
}

impl<T> Call<T> {
    /// Makes `call` and reads its answer with `read`, one of [`super::answers`].
    pub fn new(
        call: UnsignedCall,
        read: fn(&HttpResponse) -> Result<T, Error>,
        policy: RetryPolicy,
        repeat: Repeat,
    ) -> Self {
        let state = State::Due(Monotonic::ORIGIN);
        Self { call, read, policy, repeat, made: 0, exchange: Exchange::default(), state }
    }

    /// Makes no further attempt: the one that is under way, if any, decides.
    pub(super) fn settle(&mut self) {
        self.policy.attempts = self.made;
    }

    /// Whether a request is under way, or its answer has come and has not been told yet.
    pub(super) fn is_under_way(&self) -> bool {
        matches!(self.state, State::Asking | State::Failed(_) | State::Answered(_))
    }

    fn fail(&mut self, error: Error) {
        self.state = State::Failed(error);
    }

    fn after_failure(&mut self, error: Error, now: Now, draw: Draw) -> Result<Pause, Error> {
        let allowed = error.is_retryable()
            && match self.repeat {
                Repeat::WhenItMayHelp => true,
                Repeat::WhenSurelyNotDone => error.was_surely_not_done(),
            };
        match self.policy.wait(self.made, &error, draw) {
            Some(wait) if allowed => {
                let until = now.mono + wait;
                self.state = State::Due(until);
                Ok(Pause { until, reason: WaitReason::Retry })
            }
            _ => Err(error),
        }
    }
}

impl<T> Machine for Call<T> {
    type Event = Result<T, Error>;

    fn poll_output(&mut self, now: Now, draw: Draw) -> Output<Self::Event> {
        if self.exchange.give_up(now) {
            self.fail(Error::Timeout);
        }
        match std::mem::replace(&mut self.state, State::Finished) {
            State::Due(at) if at > now.mono => {
                self.state = State::Due(at);
                Output::Wait(Pause { until: at, reason: WaitReason::Retry })
            }
            State::Due(_) => {
                self.made += 1;
                self.state = State::Asking;
                self.exchange.send(&self.call, now, draw)
            }
            State::Asking => {
                self.state = State::Asking;
                // While asking, a request is under way.
                let pause =
                    self.exchange.pause().unwrap_or(Pause { until: now.mono, reason: WaitReason::Answer });
                Output::Wait(pause)
            }
            State::Failed(error) => match self.after_failure(error, now, draw) {
                Ok(pause) => Output::Wait(pause),
                Err(error) => Output::Event(Err(error)),
            },
            State::Answered(answer) => Output::Event(Ok(answer)),
            State::Finished => Output::Finished,
        }
    }

    fn handle(&mut self, now: Now, input: Input) {
        match input {
            Input::Answer(id, answer) => {
                if self.exchange.accept(id, now).is_none() {
                    return;
                }
                match hear(answer, self.read, self.call.secret()) {
                    Ok(answer) => self.state = State::Answered(answer),
                    Err(error) => self.fail(error),
                }
            }
            Input::Cancel => {
                self.exchange.abandon();
                self.state = State::Finished;
            }
            Input::Hint(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::answers::read_has_device;
    use crate::machine::calls::has_registered_device;
    use crate::machine::test_rig::{Rig, application, user};
    use crate::port::TransportErrorKind::{Connect, Other};

    fn call(repeat: Repeat) -> Rig<Call<bool>> {
        let call = has_registered_device(&application(), &user("u"));
        Rig::new(Call::new(call, read_has_device, RetryPolicy::default(), repeat))
    }

    const YES: &str = r#"{"status": true, "device_registered": true}"#;

    #[test]
    fn an_answer_is_the_only_event() {
        let mut rig = call(Repeat::WhenItMayHelp);
        rig.expect_request("GET", "/management/has_registered_mobile_device/APP/u");
        rig.answer(200, YES);
        assert!(matches!(rig.event(), Ok(true)));
        rig.expect_finished();
    }

    #[test]
    fn each_attempt_is_signed_anew_and_waits_longer() {
        let mut rig = call(Repeat::WhenItMayHelp);
        let mut signatures = Vec::new();
        let mut waits = Vec::new();
        for _ in 0..3 {
            signatures.push(rig.expect_any_request().headers()["authentication"].clone());
            rig.answer(503, "");
            waits.push(rig.expect_wait(WaitReason::Retry));
        }
        signatures.push(rig.expect_any_request().headers()["authentication"].clone());
        rig.answer(503, "");
        assert!(matches!(rig.event(), Err(Error::Status { status: 503, .. })));
        rig.expect_finished();
        signatures.dedup();
        assert_eq!(signatures.len(), 4);
        assert!(waits.is_sorted() && waits[0] >= Duration::from_millis(180), "{waits:?}");
    }

    #[test]
    fn retry_after_is_obeyed_unless_it_is_too_long() {
        let mut rig = call(Repeat::WhenItMayHelp);
        rig.expect_any_request();
        rig.answer_with(429, "", &[("retry-after", "7")]);
        assert!(rig.expect_wait(WaitReason::Retry) >= Duration::from_secs(7));
        rig.expect_any_request();
        rig.answer_with(429, "", &[("retry-after", "31")]);
        assert_eq!(rig.event().unwrap_err().retry_after(), Some(Duration::from_secs(31)));
    }

    #[test]
    fn what_must_not_happen_twice_is_repeated_only_if_it_did_not_happen() {
        let mut rig = call(Repeat::WhenSurelyNotDone);
        rig.expect_any_request();
        rig.fail(Connect);
        rig.expect_wait(WaitReason::Retry);
        rig.expect_any_request();
        rig.fail(Other);
        assert!(matches!(rig.event(), Err(Error::Transport(_))));
    }

    #[test]
    fn a_lost_answer_is_a_timeout_and_its_late_answer_is_ignored() {
        let mut rig = call(Repeat::WhenItMayHelp);
        rig.expect_any_request();
        let first = rig.last_id();
        assert_eq!(rig.expect_wait(WaitReason::Answer), super::super::exchange::ANSWER_LIMIT);
        rig.expect_wait(WaitReason::Retry);
        rig.expect_any_request();
        rig.answer_to(first, 200, YES);
        rig.expect_wait(WaitReason::Answer);
    }

    #[test]
    fn what_will_not_change_is_not_asked_again() {
        for (status, body) in [(404, ""), (401, ""), (422, ""), (200, "no json"), (302, "")] {
            let mut rig = call(Repeat::WhenItMayHelp);
            rig.expect_any_request();
            rig.answer(status, body);
            assert!(rig.event().is_err(), "{status}");
            rig.expect_finished();
        }
    }
}
