//! The last word of the service about a session, in one number, so that it is read whole and without a lock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use iampass_core::Monotonic;

use super::Presence;

/// What the service said last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// Nothing that still holds.
    Nothing,
    /// `active`, to a question put at this time.
    Present(Monotonic),
    /// `walkaway`, to a question put at this time.
    Away(Monotonic),
    /// The session is over.
    Ended,
}

/// When the question was put, in nanoseconds times four, and what the answer was.
pub(super) struct Word(AtomicU64);

const NOTHING: u64 = 0;
const PRESENT: u64 = 1;
const AWAY: u64 = 2;
const ENDED: u64 = 3;
const KIND: u64 = 3;

/// Since the clock's origin. There is room for 146 years.
pub(super) fn nanoseconds(at: Monotonic) -> u64 {
    u64::try_from(at.since(Monotonic::ORIGIN).as_nanos()).unwrap_or(u64::MAX >> 2).min(u64::MAX >> 2)
}

impl Word {
    pub(super) fn new(said: Said) -> Self {
        Self(AtomicU64::new(number(said)))
    }

    /// Takes over what was said, and tells whether that is new. An end stays one.
    pub(super) fn hear(&self, said: Said) -> bool {
        let word = number(said);
        let update = |before: u64| (before & KIND != ENDED && before != word).then_some(word);
        self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, update).is_ok()
    }

    /// What is known now: a word holds for `freshness` after its question was put, and no longer.
    pub(super) fn presence(&self, now: Monotonic, freshness: Duration) -> Presence {
        let word = self.0.load(Ordering::Acquire);
        let age = nanoseconds(now).saturating_sub(word >> 2);
        let is_fresh = u128::from(age) <= freshness.as_nanos();
        match word & KIND {
            ENDED => Presence::Ended,
            PRESENT if is_fresh => Presence::Present,
            AWAY if is_fresh => Presence::Away,
            _ => Presence::Unknown,
        }
    }

    /// Whether it is a clear answer to a question that was put at `since` or later.
    pub(super) fn is_since(&self, since: Monotonic) -> bool {
        let word = self.0.load(Ordering::Acquire);
        matches!(word & KIND, PRESENT | AWAY) && word >> 2 >= nanoseconds(since)
    }

    pub(super) fn has_ended(&self) -> bool {
        self.0.load(Ordering::Acquire) & KIND == ENDED
    }
}

fn number(said: Said) -> u64 {
    match said {
        Said::Nothing => NOTHING,
        Said::Present(at) => nanoseconds(at) << 2 | PRESENT,
        Said::Away(at) => nanoseconds(at) << 2 | AWAY,
        Said::Ended => ENDED,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRESHNESS: Duration = Duration::from_secs(10);

    fn at(milliseconds: u64) -> Monotonic {
        Monotonic::from_origin(Duration::from_millis(milliseconds))
    }

    #[test]
    fn a_word_holds_for_its_freshness_and_no_longer() {
        for (said, held) in
            [(Said::Present(at(5_000)), Presence::Present), (Said::Away(at(5_000)), Presence::Away)]
        {
            let word = Word::new(said);
            assert_eq!(word.presence(at(5_000), FRESHNESS), held);
            assert_eq!(word.presence(at(15_000), FRESHNESS), held);
            assert_eq!(word.presence(at(15_001), FRESHNESS), Presence::Unknown);
            assert_eq!(word.presence(Monotonic::NEVER, FRESHNESS), Presence::Unknown);
        }
        assert_eq!(Word::new(Said::Nothing).presence(at(0), FRESHNESS), Presence::Unknown);
    }

    #[test]
    fn an_end_stays_one() {
        let word = Word::new(Said::Present(at(1)));
        assert!(word.hear(Said::Ended));
        for said in [Said::Present(at(2)), Said::Away(at(2)), Said::Nothing, Said::Ended] {
            assert!(!word.hear(said));
            assert_eq!(word.presence(at(2), FRESHNESS), Presence::Ended);
        }
    }

    #[test]
    fn only_what_is_new_is_told() {
        let word = Word::new(Said::Nothing);
        assert!(!word.hear(Said::Nothing));
        assert!(word.hear(Said::Present(at(1))));
        assert!(!word.hear(Said::Present(at(1))));
        assert!(word.hear(Said::Present(at(2))));
    }

    #[test]
    fn an_answer_to_an_older_question_is_not_fresh_enough() {
        let word = Word::new(Said::Present(at(100)));
        assert!(word.is_since(at(100)) && !word.is_since(at(101)));
        assert!(!Word::new(Said::Nothing).is_since(at(0)));
        assert!(!Word::new(Said::Ended).is_since(at(0)));
    }
}
