//! [`Away`]: for how long the store cannot be reached, and whether that was told.

use std::collections::VecDeque;
use std::time::Duration;

use iampass_core::{Monotonic, Now, UnixSeconds};

const HOUR: Duration = Duration::from_secs(3_600);

/// The word that is to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Raised,
    Cleared,
}

/// The store as one node sees it.
#[derive(Debug)]
pub(super) struct Away {
    limit: Duration,
    most_an_hour: u64,
    since: Option<(Monotonic, UnixSeconds)>,
    /// Since when it was away, where that was told.
    told: Option<UnixSeconds>,
    words: VecDeque<Monotonic>,
}

impl Away {
    pub(super) fn new(limit: Duration, most_an_hour: u64) -> Self {
        Self { limit, most_an_hour, since: None, told: None, words: VecDeque::new() }
    }

    /// The word that follows from this look, and since when the store was away.
    pub(super) fn turn(&mut self, is_there: bool, now: Now) -> Option<(Turn, UnixSeconds)> {
        if is_there {
            self.since = None;
            let since = self.told.take()?;
            return Some((Turn::Cleared, since));
        }
        let (mono, wall) = *self.since.get_or_insert((now.mono, now.wall));
        self.words.retain(|at| now.mono.since(*at) < HOUR);
        // As for all thresholds, none is one that is never reached.
        let is_reached = !self.limit.is_zero() && now.mono.since(mono) >= self.limit;
        let is_due = self.told.is_none() && is_reached;
        if !is_due || self.words.len() as u64 >= self.most_an_hour {
            return None;
        }
        self.words.push_back(now.mono);
        self.told = Some(wall);
        Some((Turn::Raised, wall))
    }

    /// The word was not taken: it is sent at the next look. One that it is over is not sent again.
    pub(super) fn not_told(&mut self, turn: Turn) {
        if turn == Turn::Raised {
            self.told = None;
            self.words.pop_back();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Now {
        Now::new(Duration::from_secs(seconds), 1_000 + seconds)
    }

    #[test]
    fn it_is_told_once_when_it_lasts_and_once_when_it_is_over() {
        let mut away = Away::new(Duration::from_secs(60), 2);
        assert_eq!(away.turn(true, at(0)), None);
        for seconds in [10, 30, 69] {
            assert_eq!(away.turn(false, at(seconds)), None);
        }
        assert_eq!(away.turn(false, at(70)), Some((Turn::Raised, UnixSeconds(1_010))));
        assert_eq!(away.turn(false, at(500)), None);
        assert_eq!(away.turn(true, at(510)), Some((Turn::Cleared, UnixSeconds(1_010))));
        assert_eq!(away.turn(true, at(520)), None);
        // A short one is none.
        assert_eq!(away.turn(false, at(530)), None);
        assert_eq!(away.turn(true, at(540)), None);
        // Two words an hour, and then silence until the hour is over.
        assert_eq!(away.turn(false, at(600)), None);
        assert!(away.turn(false, at(700)).is_some());
        assert!(away.turn(true, at(710)).is_some());
        assert_eq!(away.turn(false, at(720)), None);
        assert_eq!(away.turn(false, at(800)), None);
        assert!(away.turn(false, at(3_800)).is_some());
    }

    #[test]
    fn a_limit_of_nothing_is_never_reached() {
        let mut away = Away::new(Duration::ZERO, 2);
        for seconds in [0, 1, 86_400] {
            assert_eq!(away.turn(false, at(seconds)), None);
        }
        assert_eq!(away.turn(true, at(86_401)), None);
    }

    #[test]
    fn a_word_that_was_not_taken_is_sent_again() {
        let mut away = Away::new(Duration::from_secs(60), 1);
        away.turn(false, at(0));
        assert!(away.turn(false, at(60)).is_some());
        away.not_told(Turn::Raised);
        assert_eq!(away.turn(false, at(75)), Some((Turn::Raised, UnixSeconds(1_000))));
    }
}
