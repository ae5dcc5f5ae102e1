//! **Logout**: told to the service until it has confirmed it, or until the session must have expired.

use std::collections::VecDeque;
use std::time::Duration;

use super::answers::{hear, read_logged_out};
use super::backoff::Backoff;
use super::calls::{self, UnsignedCall};
use super::exchange::Exchange;
use super::io::{Input, Machine, Output, Pause, WaitReason};
use crate::wire::Reason;
use crate::{Draw, Error, Monotonic, Now, Session};

/// An event of a logout.
#[derive(Debug)]
#[non_exhaustive]
pub enum LogoutEvent {
    /// It failed and is tried again.
    Trouble(Error),
    /// The end.
    Finished(LogoutOutcome),
}

/// How a logout ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub enum LogoutOutcome {
    /// The service has ended the session, or knows of none.
    Confirmed,
    /// The session must have expired by itself.
    Expired,
    /// The caller gave up: the logout is still owed.
    Abandoned,
}

/// Ends one session at the service (law 2).
#[derive(Debug)]
#[must_use = "a machine does nothing until it is driven"]
pub struct Logout {
    call: UnsignedCall,
    expires: Monotonic,
    backoff: Backoff,
    exchange: Exchange,
    failures: u32,
    next: Next,
    events: VecDeque<LogoutEvent>,
    finished: bool,
}

#[derive(Debug, Clone, Copy)]
enum Next {
    Schedule { at_least: Duration },
    At(Monotonic),
}

impl Logout {
    /// A logout of `session`, which must have expired at `expires` whatever happens. Failed attempts are repeated after 1 s, then
    /// less and less often, down to once a minute.
    pub fn new(session: &Session, expires: Monotonic) -> Self {
        Self {
            call: calls::logout(session),
            expires,
            backoff: Backoff::new(Duration::from_secs(1), Duration::from_secs(60)).growing_by_percent(200),
            exchange: Exchange::default(),
            failures: 0,
            next: Next::At(Monotonic::ORIGIN),
            events: VecDeque::new(),
            finished: false,
        }
    }

    fn finish(&mut self, outcome: LogoutOutcome) {
        self.exchange.abandon();
        self.finished = true;
        self.events.push_back(LogoutEvent::Finished(outcome));
    }

    fn fail(&mut self, error: Error) {
        self.failures = self.failures.saturating_add(1);
        self.next = Next::Schedule { at_least: error.retry_after().unwrap_or_default() };
        self.events.push_back(LogoutEvent::Trouble(error));
    }
}

/// Whether an error means that there is no such session any more. A bare 404 may be a proxy's: only the service gives a reason.
pub(crate) fn is_gone(error: &Error) -> bool {
    matches!(error, Error::Status { status: 404 | 410, reason: Some(Reason::UnknownSession), .. })
}

impl Machine for Logout {
    type Event = LogoutEvent;

    fn poll_output(&mut self, now: Now, draw: Draw) -> Output<LogoutEvent> {
        if !self.finished && now.mono >= self.expires {
            self.finish(LogoutOutcome::Expired);
        }
        if !self.finished && self.exchange.give_up(now) {
            self.fail(Error::Timeout);
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
        let at = match self.next {
            Next::At(at) => at,
            Next::Schedule { at_least } => {
                let wait = self.backoff.wait(self.failures.saturating_sub(1), draw).max(at_least);
                (now.mono + wait).min(self.expires)
            }
        };
        self.next = Next::At(at);
        if at > now.mono {
            return Output::Wait(Pause { until: at, reason: WaitReason::Retry });
        }
        self.exchange.send(&self.call, now, draw)
    }

    fn handle(&mut self, now: Now, input: Input) {
        if self.finished {
            return;
        }
        match input {
            Input::Cancel => self.finish(LogoutOutcome::Abandoned),
            Input::Hint(_) => {}
            Input::Answer(id, answer) => {
                if self.exchange.accept(id, now).is_none() {
                    return;
                }
                match hear(answer, read_logged_out, self.call.secret()) {
                    Ok(()) => self.finish(LogoutOutcome::Confirmed),
                    Err(error) if is_gone(&error) => self.finish(LogoutOutcome::Confirmed),
                    Err(error) => self.fail(error),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::test_rig::{Rig, session};
    use crate::port::TransportErrorKind::Connect;

    fn logout(lasts: Duration) -> Rig<Logout> {
        Rig::new(Logout::new(&session(), Monotonic::ORIGIN + lasts))
    }

    #[test]
    fn it_is_told_until_it_is_confirmed() {
        let mut rig = logout(Duration::from_secs(3600));
        let mut waits = Vec::new();
        for failure in 0..8 {
            rig.expect_request("POST", "/logout");
            match failure % 4 {
                0 => rig.fail(Connect),
                1 => rig.answer(500, ""),
                2 => rig.answer(200, r#"{"status": false}"#),
                _ => rig.answer(401, r#"{"status": false, "reason": "BAD_SIGNATURE"}"#),
            }
            assert!(matches!(rig.event(), LogoutEvent::Trouble(_)));
            waits.push(rig.expect_wait(WaitReason::Retry));
        }
        assert!(waits[0] < Duration::from_secs(2) && waits[7] >= Duration::from_secs(54), "{waits:?}");
        rig.expect_request("POST", "/logout");
        rig.answer(200, r#"{"status": true}"#);
        assert!(matches!(rig.event(), LogoutEvent::Finished(LogoutOutcome::Confirmed)));
        rig.expect_finished();
    }

    #[test]
    fn a_session_that_the_service_does_not_know_is_ended() {
        let mut rig = logout(Duration::from_secs(3600));
        rig.expect_any_request();
        rig.answer(404, "<html>not here</html>");
        assert!(matches!(rig.event(), LogoutEvent::Trouble(_)));
        rig.expect_wait(WaitReason::Retry);
        rig.expect_any_request();
        rig.answer(404, r#"{"status": false, "reason": "UNKNOWN_SESSION"}"#);
        assert!(matches!(rig.event(), LogoutEvent::Finished(LogoutOutcome::Confirmed)));
    }

    #[test]
    fn it_is_owed_no_longer_than_the_session_lasts() {
        let mut rig = logout(Duration::from_secs(5));
        rig.expect_any_request();
        rig.fail(Connect);
        assert!(matches!(rig.event(), LogoutEvent::Trouble(_)));
        rig.expect_wait(WaitReason::Retry);
        rig.expect_any_request();
        assert!(rig.expect_wait(WaitReason::Answer) < Duration::from_secs(5));
        assert!(matches!(rig.event(), LogoutEvent::Finished(LogoutOutcome::Expired)));
        rig.expect_finished();
    }
}
