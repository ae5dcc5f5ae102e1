//! Presence: whether an application's sessions follow the phone's word that it is near, and how long such a word may count \[X\].
//!
//! Belongs here: the setting and the limits. Does not belong here: what a word does to a session ([`super::session_state`]).

use std::time::Duration;

/// Whether phones say of an application's sessions that they are near or away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Walkaway {
    /// They do not: a word of theirs is refused, and a session is `walkaway` only when the user says so.
    #[default]
    Off,
    /// They do: a session whose phone has promised to be near becomes `walkaway` when the promise has passed.
    On,
}

impl Walkaway {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Off, Self::On];

    /// The word on the command line, in forms and in files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::On => "on",
        }
    }

    /// Reads a word; None for one that is not known.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|walkaway| walkaway.word() == word)
    }
}

/// The shortest promise. Deadlines are whole seconds, clocks of nodes and phones differ by some, and each word is a write.
pub const SHORTEST_PROMISE: Duration = Duration::from_secs(10);

/// The longest promise. A phone that says nothing more, because it is lost or its battery is empty, keeps a session open for no longer.
pub const LONGEST_PROMISE: Duration = Duration::from_secs(3_600);

/// The promise of so many seconds; None when it is too short or too long.
pub fn promise(seconds: u64) -> Option<Duration> {
    let promised = Duration::from_secs(seconds);
    (SHORTEST_PROMISE..=LONGEST_PROMISE).contains(&promised).then_some(promised)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_is_neither_too_short_nor_too_long() {
        for good in [10, 90, 3_600] {
            assert_eq!(promise(good), Some(Duration::from_secs(good)));
        }
        for bad in [0, 9, 3_601, u64::from(u32::MAX), u64::MAX] {
            assert_eq!(promise(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_setting_is_read_as_it_was_written() {
        assert_eq!(Walkaway::default(), Walkaway::Off);
        assert_eq!(
            Walkaway::ALL.map(|walkaway| Walkaway::from_word(walkaway.word())),
            Walkaway::ALL.map(Some)
        );
        assert_eq!(Walkaway::from_word("On"), None);
    }
}
