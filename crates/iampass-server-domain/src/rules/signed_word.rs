//! Words of a phone about being near or away, and the order in which they count \[X\].
//!
//! Belongs here: the time from which a word counts, and whether it comes after another. Does not belong here: how long one may count
//! ([`super::presence`]), what it does to a session ([`super::session_state`]).

use std::time::Duration;

use iampass_core::UnixSeconds;

use super::session_state::{Event, State};

/// The word of a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PresenceWord {
    /// It is near, and promises to be for so long from when it said so.
    Near(Duration),
    /// It is away.
    Away,
}

/// A word, and when the phone signed it. The network may hold up a word, and let one overtake another: the time of the signature counts, and not
/// that of the arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedWord {
    /// The word.
    pub word: PresenceWord,
    /// When it was signed, by the clock of the phone.
    pub at: UnixSeconds,
}

impl SignedWord {
    /// Until when the phone is near by this word, which arrives at `now`. None of a phone that is away. A phone whose clock is ahead promises
    /// no more than another.
    pub fn near_until(self, now: UnixSeconds) -> Option<UnixSeconds> {
        match self.word {
            PresenceWord::Near(promised) => Some(self.at.min(now).plus(promised)),
            PresenceWord::Away => None,
        }
    }

    /// Whether the promise had passed before the word arrived.
    pub fn has_passed(self, now: UnixSeconds) -> bool {
        self.near_until(now).is_some_and(|until| until <= now)
    }

    /// The effect on a session.
    pub fn event(self, now: UnixSeconds) -> Event {
        self.near_until(now).map_or(Event::PhoneAway, |until| Event::PhoneNear { until })
    }

    /// Whether it counts for a session that is in this state, and of which the latest word was signed at `latest`. A word that was signed before
    /// the latest one does not. Where the order cannot be known, `away` wins: between two words of one second, and where the latest is of a clock
    /// that was ahead.
    pub fn counts_after(self, latest: Option<UnixSeconds>, state: State, now: UnixSeconds) -> bool {
        let Some(latest) = latest else { return true };
        match self.word {
            // In that second it may have said that it is away.
            PresenceWord::Near(_) if self.at == latest => state != State::Walkaway,
            PresenceWord::Near(_) => self.at > latest,
            PresenceWord::Away => self.at >= latest || latest > now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixSeconds = UnixSeconds(1_000);

    fn near(at: u64) -> SignedWord {
        SignedWord { word: PresenceWord::Near(Duration::from_secs(90)), at: UnixSeconds(at) }
    }

    fn away(at: u64) -> SignedWord {
        SignedWord { word: PresenceWord::Away, at: UnixSeconds(at) }
    }

    #[test]
    fn a_promise_runs_from_its_signature_and_never_from_the_future() {
        assert_eq!(near(1_000).near_until(NOW), Some(UnixSeconds(1_090)));
        assert_eq!(near(940).near_until(NOW), Some(UnixSeconds(1_030)));
        assert_eq!(near(1_300).near_until(NOW), Some(UnixSeconds(1_090)));
        assert_eq!(away(940).near_until(NOW), None);
        assert_eq!([near(910), near(911), away(1)].map(|word| word.has_passed(NOW)), [true, false, false]);
        assert_eq!(near(940).event(NOW), Event::PhoneNear { until: UnixSeconds(1_030) });
        assert_eq!(away(940).event(NOW), Event::PhoneAway);
    }

    #[test]
    fn a_word_counts_by_when_it_was_signed_and_away_wins() {
        use State::{Active, Walkaway};
        for (word, latest, state, counts, why) in [
            (near(950), None, Active, true, "it is the first"),
            (away(950), None, Active, true, "it is the first"),
            (near(950), Some(949), Walkaway, true, "it is later"),
            (near(949), Some(950), Walkaway, false, "away was said after it"),
            (near(949), Some(950), Active, false, "near was said after it"),
            (near(950), Some(950), Walkaway, false, "away may have been said after it"),
            (near(950), Some(950), Active, true, "nothing but near was said in that second"),
            (away(950), Some(949), Active, true, "it is later"),
            (away(950), Some(950), Active, true, "away wins in the same second"),
            (away(949), Some(950), Active, false, "near was said after it"),
            (away(990), Some(1_200), Active, true, "the latest is of a clock that was ahead"),
            (near(990), Some(1_200), Active, false, "nor is it known to be later"),
        ] {
            assert_eq!(word.counts_after(latest.map(UnixSeconds), state, NOW), counts, "{word:?}: {why}");
        }
    }
}
