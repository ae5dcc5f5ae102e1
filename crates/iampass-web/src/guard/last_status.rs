//! The service's last status of a session, packed in an `AtomicU64`, so that it is read whole and without a lock. Belongs here: its packing
//! and its age. Does not belong here: its readers.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use iampass_core::{Monotonic, Now};

use super::presence::Presence;

/// The service's last answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// Nothing that still holds.
    Nothing,
    /// `active`, to a question put at this time.
    Present(Now),
    /// `walkaway`, to a question put at this time.
    Away(Now),
    /// The session is over.
    Ended,
}

/// From the lowest bit: 2 bits of what the answer was, 38 bits of when the question was put in microseconds of the monotonic clock, and
/// 24 bits of the same in seconds of the wall clock.
///
/// Both times wrap, after 76 hours and after 194 days, and a status is believed only while both are fresh. A status that is too old is not
/// kept for that long: the next question about its session replaces it.
pub(super) struct LastStatus(AtomicU64);

const NOTHING: u64 = 0;
const PRESENT: u64 = 1;
const AWAY: u64 = 2;
const ENDED: u64 = 3;
const KIND: u64 = 3;

const KIND_BITS: u32 = 2;
const MICROSECOND_BITS: u32 = 38;
const MICROSECONDS: u64 = (1 << MICROSECOND_BITS) - 1;
const SECONDS: u64 = (1 << (64 - KIND_BITS - MICROSECOND_BITS)) - 1;

/// A question that seems to have been put less than this in the future was put just now: another thread read the clock a moment later.
const FUTURE: u64 = 1_000_000;

/// The longest that a status can hold: far less than the time after which it wraps.
pub(super) const LONGEST_BOUND: Duration = Duration::from_secs(24 * 3_600);

/// For how long a status holds, as it is compared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound {
    microseconds: u64,
    /// Rounded up, as only whole seconds of the wall clock are kept.
    seconds: u64,
}

impl Bound {
    pub(super) fn new(bound: Duration) -> Self {
        let bound = bound.min(LONGEST_BOUND);
        let seconds = bound.as_secs() + u64::from(bound.subsec_nanos() > 0);
        Self { microseconds: microseconds_of(bound), seconds }
    }
}

/// How old a status is, by each clock.
#[derive(Clone, Copy)]
struct Age {
    microseconds: u64,
    seconds: u64,
}

impl Age {
    fn of(packed: u64, now: Now) -> Self {
        let microseconds = microseconds(now.mono).wrapping_sub(packed >> KIND_BITS) & MICROSECONDS;
        let is_future = microseconds > MICROSECONDS - FUTURE;
        let seconds = now.wall.0.wrapping_sub(packed >> (KIND_BITS + MICROSECOND_BITS)) & SECONDS;
        Self {
            microseconds: if is_future { 0 } else { microseconds },
            // A clock that went back counts as far as it went.
            seconds: seconds.min(SECONDS + 1 - seconds),
        }
    }

    fn is_within(self, bound: Bound) -> bool {
        self.microseconds <= bound.microseconds && self.seconds <= bound.seconds
    }
}

fn microseconds_of(time: Duration) -> u64 {
    time.as_secs().wrapping_mul(1_000_000).wrapping_add(u64::from(time.subsec_micros()))
}

fn microseconds(at: Monotonic) -> u64 {
    microseconds_of(at.since(Monotonic::ORIGIN))
}

/// Since the clock's origin.
pub(super) fn milliseconds(at: Monotonic) -> u64 {
    let since = at.since(Monotonic::ORIGIN);
    since.as_secs().wrapping_mul(1_000).wrapping_add(u64::from(since.subsec_millis()))
}

impl LastStatus {
    pub(super) fn new(said: Said) -> Self {
        Self(AtomicU64::new(number(said)))
    }

    /// Takes over what was said, and tells whether that is new. An end stays one.
    pub(super) fn hear(&self, said: Said) -> bool {
        let packed = number(said);
        let update = |before: u64| (before & KIND != ENDED && before != packed).then_some(packed);
        self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, update).is_ok()
    }

    /// The state known now: a status holds for `bound` after its question was put, by both clocks, and no longer.
    pub(super) fn presence(&self, now: Now, bound: Bound) -> Presence {
        let packed = self.0.load(Ordering::Acquire);
        match packed & KIND {
            ENDED => Presence::Ended,
            PRESENT if Age::of(packed, now).is_within(bound) => Presence::Present,
            AWAY if Age::of(packed, now).is_within(bound) => Presence::Away,
            _ => Presence::Unknown,
        }
    }

    /// Whether it is a clear answer to a question that was put within `bound` before `now`.
    pub(super) fn is_within(&self, now: Now, bound: Bound) -> bool {
        let packed = self.0.load(Ordering::Acquire);
        matches!(packed & KIND, PRESENT | AWAY) && Age::of(packed, now).is_within(bound)
    }

    /// Whether only the wall clock speaks against it: the machine slept, or its clock was set.
    pub(super) fn is_stepped_over(&self, now: Now, bound: Bound) -> bool {
        let packed = self.0.load(Ordering::Acquire);
        let age = Age::of(packed, now);
        matches!(packed & KIND, PRESENT | AWAY)
            && age.microseconds <= bound.microseconds
            && age.seconds > bound.seconds
    }

    pub(super) fn has_ended(&self) -> bool {
        self.0.load(Ordering::Acquire) & KIND == ENDED
    }
}

fn number(said: Said) -> u64 {
    let at = |now: Now, kind| {
        let wall = (now.wall.0 & SECONDS) << (KIND_BITS + MICROSECOND_BITS);
        wall | (microseconds(now.mono) & MICROSECONDS) << KIND_BITS | kind
    };
    match said {
        Said::Nothing => NOTHING,
        Said::Present(now) => at(now, PRESENT),
        Said::Away(now) => at(now, AWAY),
        Said::Ended => ENDED,
    }
}

#[cfg(test)]
mod tests {
    use iampass_core::UnixSeconds;

    use super::*;

    const FRESHNESS: Duration = Duration::from_secs(10);

    fn bound() -> Bound {
        Bound::new(FRESHNESS)
    }

    /// So many milliseconds after the clocks began, on both.
    fn at(milliseconds: u64) -> Now {
        let mono = Duration::from_millis(milliseconds);
        Now::at(mono, Duration::from_secs(1_700_000_000) + mono)
    }

    fn stepped(now: Now, seconds: i64) -> Now {
        Now { wall: UnixSeconds(now.wall.0.checked_add_signed(seconds).unwrap()), ..now }
    }

    #[test]
    fn a_status_holds_for_its_freshness_and_no_longer() {
        // Also where one of the two numbers wraps.
        let wraps = [0, 274_877_905, 274_877_906, 300_000_000, 16_000_000_000];
        for begin in wraps {
            let at = |after: u64| at(begin + after);
            for (said, held) in
                [(Said::Present(at(5_000)), Presence::Present), (Said::Away(at(5_000)), Presence::Away)]
            {
                let status = LastStatus::new(said);
                assert_eq!(status.presence(at(5_000), bound()), held);
                assert_eq!(status.presence(at(15_000), bound()), held, "{begin}");
                for later in [15_001, 16_000, 60_000, 3_600_000, 24 * 3_600_000, 75 * 3_600_000] {
                    assert_eq!(status.presence(at(later), bound()), Presence::Unknown, "{begin} {later}");
                }
            }
        }
        assert_eq!(LastStatus::new(Said::Nothing).presence(at(0), bound()), Presence::Unknown);
    }

    /// Fault A13. The monotonic clock stands still while the machine sleeps.
    #[test]
    fn both_clocks_have_to_say_that_a_status_is_fresh() {
        let asked = at(5_000);
        for said in [Said::Present(asked), Said::Away(asked)] {
            let status = LastStatus::new(said);
            for seconds in [12, 60, 3_000, 86_400, 30_000_000, -12, -60, -3_000, -86_400] {
                let now = stepped(at(6_000), seconds);
                assert_eq!(status.presence(now, bound()), Presence::Unknown, "{seconds}");
                assert!(status.is_stepped_over(now, bound()));
                assert!(!status.is_within(now, bound()));
            }
            assert_ne!(status.presence(stepped(at(6_000), 9), bound()), Presence::Unknown);
            assert_eq!(
                status.presence(stepped(at(17_000), -10), bound()),
                Presence::Unknown,
                "by the other one"
            );
            assert!(!status.is_stepped_over(stepped(at(17_000), -10), bound()));
        }
    }

    #[test]
    fn a_clock_that_another_thread_read_a_moment_later_is_no_reason_to_ask() {
        let status = LastStatus::new(Said::Present(at(5_001)));
        assert_eq!(status.presence(at(5_000), bound()), Presence::Present);
    }

    #[test]
    fn a_bound_beyond_reason_is_cut() {
        let status = LastStatus::new(Said::Present(at(0)));
        let bound = Bound::new(Duration::MAX);
        assert_eq!(status.presence(at(24 * 3_600_000), bound), Presence::Present);
        assert_eq!(status.presence(at(24 * 3_600_000 + 1), bound), Presence::Unknown);
    }

    #[test]
    fn an_end_stays_one() {
        let status = LastStatus::new(Said::Present(at(1)));
        assert!(status.hear(Said::Ended));
        for said in [Said::Present(at(2)), Said::Away(at(2)), Said::Nothing, Said::Ended] {
            assert!(!status.hear(said));
            assert_eq!(status.presence(at(2), bound()), Presence::Ended);
        }
    }

    #[test]
    fn only_what_is_new_is_told() {
        let status = LastStatus::new(Said::Nothing);
        assert!(!status.hear(Said::Nothing));
        assert!(status.hear(Said::Present(at(1))));
        assert!(!status.hear(Said::Present(at(1))));
        assert!(status.hear(Said::Present(at(2))));
    }

    #[test]
    fn an_answer_to_an_older_question_is_not_fresh_enough() {
        let status = LastStatus::new(Said::Present(at(100)));
        let within =
            |now, milliseconds| status.is_within(now, Bound::new(Duration::from_millis(milliseconds)));
        assert!(within(at(100), 0) && within(at(150), 50) && !within(at(150), 49));
        // A second of the wall clock begins in between.
        let status = LastStatus::new(Said::Present(at(999)));
        assert!(status.is_within(at(1_001), Bound::new(Duration::from_millis(2))));
        assert!(!LastStatus::new(Said::Nothing).is_within(at(0), bound()));
        assert!(!LastStatus::new(Said::Ended).is_within(at(0), bound()));
    }
}
