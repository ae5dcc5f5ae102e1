//! [`Looks`]: when the stores were looked at for a session in use. Belongs here: when it is looked again, and for how long the last look is
//! believed. Does not belong here: looking ([`super::looks`]).

use std::time::Duration;

use iampass_core::{Monotonic, Now, SessionToken};

use super::last_status::milliseconds;

/// How often it is looked: once a minute at least, with a look that takes its time. Sessions are spread over some seconds more, so that
/// those of one moment are not all looked at in one moment.
const BETWEEN_LOOKS: Duration = Duration::from_secs(40);
const SPREAD_SECONDS: u64 = 10;

/// For how long the last look is believed when there is no other: for somebody who comes back after a pause it is looked first.
const BELIEVED: Duration = Duration::from_secs(60);

/// The same while the stores fail. After that access is refused (law 1).
const BELIEVED_IN_TROUBLE: Duration = Duration::from_secs(180);

/// How soon it is looked again after a look that failed.
const AFTER_A_FAILURE: Duration = Duration::from_secs(2);

/// The finding of a look at the stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// All is as it was.
    InUse,
    /// Its logout was requested. The store holds it until it is delivered.
    LogoutRequested,
    /// It is not in the store any more, and no other part will end it at the service.
    Gone,
    /// Its user has no token any more, or another one.
    UserChanged,
    /// It cannot be read any more: its key was taken away.
    Unreadable,
    /// The stores do not answer.
    Nothing,
}

/// When it was looked. Each session has one, so the times are in short forms; milliseconds do.
#[derive(Clone, Copy)]
pub(super) struct Looks {
    /// When the last look began that found the session in use, in milliseconds of the monotonic clock and of the wall clock.
    last: (u64, u64),
    /// When the next one is due, in milliseconds of the monotonic clock.
    next: u64,
    /// Seconds beyond [`BETWEEN_LOOKS`].
    spread: u8,
    is_failing: bool,
}

impl Looks {
    /// The session was found in its store now.
    pub(super) fn new(token: &SessionToken, now: Now) -> Self {
        let spread = token.as_str().bytes().map(u64::from).sum::<u64>() % SPREAD_SECONDS;
        let mut looks = Self {
            last: (0, 0),
            next: 0,
            spread: u8::try_from(spread).unwrap_or_default(),
            is_failing: false,
        };
        looks.looked(now);
        looks
    }

    fn looked(&mut self, begun: Now) {
        self.last = (milliseconds(begun.mono), begun.unix_millis().0);
        self.next = milliseconds(begun.mono + self.between());
    }

    fn between(&self) -> Duration {
        BETWEEN_LOOKS + Duration::from_secs(self.spread.into())
    }

    /// How long ago the last look was, by the clock that says more. Milliseconds are cut off, so it is never younger than it is.
    fn age(&self, now: Now) -> Duration {
        let (mono, wall) = self.last;
        let mono = now.mono.since(Monotonic::from_origin(Duration::from_millis(mono)));
        mono.max(Duration::from_millis(now.unix_millis().0.abs_diff(wall)))
    }

    fn next(&self) -> Monotonic {
        Monotonic::from_origin(Duration::from_millis(self.next))
    }

    pub(super) fn is_due(&self, now: Now) -> bool {
        now.mono >= self.next() || (!self.is_failing && self.age(now) >= self.between())
    }

    /// How long until it is due.
    pub(super) fn due_in(&self, now: Now) -> Duration {
        if self.is_due(now) { Duration::ZERO } else { self.next().since(now.mono) }
    }

    /// Whether the last look is still to be believed.
    pub(super) fn is_believed(&self, now: Now) -> bool {
        let bound = if self.is_failing { BELIEVED_IN_TROUBLE } else { BELIEVED };
        self.age(now) <= bound
    }

    /// Takes in what a look found that began at `begun`.
    pub(super) fn found(&mut self, found: Found, begun: Now, now: Now) {
        self.is_failing = found == Found::Nothing;
        if self.is_failing {
            self.next = milliseconds(now.mono + AFTER_A_FAILURE);
        } else {
            self.looked(begun);
        }
    }
}

#[cfg(test)]
mod tests {
    use iampass_core::UnixSeconds;

    use super::*;

    fn at(seconds: u64) -> Now {
        Now::new(Duration::from_secs(seconds), 1_700_000_000 + seconds)
    }

    fn looks() -> Looks {
        Looks::new(&SessionToken::new("a-session").unwrap(), at(0))
    }

    #[test]
    fn it_is_looked_once_a_minute_at_least() {
        let mut looks = looks();
        assert!(!looks.is_due(at(1)) && looks.due_in(at(0)) >= BETWEEN_LOOKS);
        for round in 1..5 {
            let now = at(round * 50);
            assert!(looks.is_due(now) && looks.is_believed(now));
            looks.found(Found::InUse, now, now);
            assert!(!looks.is_due(now));
        }
        assert!(!looks.is_believed(at(4 * 50 + 61)), "somebody who comes back later waits for a look");
    }

    #[test]
    fn a_store_that_fails_is_believed_for_a_bounded_time() {
        let mut looks = looks();
        looks.found(Found::Nothing, at(50), at(55));
        assert!(!looks.is_due(at(55)) && looks.is_due(at(57)));
        assert!(looks.is_believed(at(180)));
        assert!(!looks.is_believed(at(181)));
        looks.found(Found::InUse, at(300), at(301));
        assert!(looks.is_believed(at(301)));
    }

    #[test]
    fn a_machine_that_slept_looks_first() {
        let slept = Now { wall: UnixSeconds(1_700_003_000), ..at(1) };
        assert!(looks().is_due(slept) && !looks().is_believed(slept));
    }
}
