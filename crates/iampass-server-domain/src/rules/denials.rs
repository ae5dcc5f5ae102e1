//! How long starts are paused after a user has denied requests in a row \[X\].
//!
//! A stranger who knows a name can have the user's phone ask. A user who denies does not want to be asked again at once, and a user who is
//! asked again and again accepts in the end. So each denial after the first one doubles the pause.

use std::time::Duration;

use iampass_core::UnixSeconds;

use super::growing_pause::GrowingPause;

/// The second denial begins the first pause.
const PAUSE: GrowingPause = GrowingPause {
    first_to_pause: FIRST_TO_PAUSE,
    shortest: Duration::from_secs(30),
    longest: Duration::from_secs(3_600),
};

/// The denial that begins the first pause.
const FIRST_TO_PAUSE: u64 = 2;

/// A report counts as this many: a pause of four minutes. The user says that a stranger asks, so the next question is not to come at once. It is
/// not longer, since it keeps the user out as well where an approval takes a tap alone.
const REPORTED: u64 = 5;

/// The denials of one user since the last accepted login, of one kind of browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Denials {
    /// How many there were without an accepted login in between.
    pub in_a_row: u64,
    /// When the last one was.
    pub last_at: UnixSeconds,
}

impl Denials {
    /// How long starts are still paused at `now`; None when they are not.
    pub fn pause_left(self, now: UnixSeconds) -> Option<Duration> {
        PAUSE.left(self.in_a_row, self.last_at, now)
    }

    /// The count after one more denial. A user who says that somebody else asked has denied often enough for a long pause.
    pub const fn counted(in_a_row: u64, is_report: bool) -> u64 {
        let counted = in_a_row.saturating_add(1);
        if is_report && counted < REPORTED { REPORTED } else { counted }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: UnixSeconds = UnixSeconds(1_000_000);

    fn after(in_a_row: u64) -> Denials {
        Denials { in_a_row, last_at: AT }
    }

    #[test]
    fn the_pause_begins_with_the_second_denial_and_doubles_up_to_an_hour() {
        for (in_a_row, seconds) in [
            (0, None),
            (1, None),
            (2, Some(30)),
            (3, Some(60)),
            (4, Some(120)),
            (8, Some(1_920)),
            (9, Some(3_600)),
            (10, Some(3_600)),
            (33, Some(3_600)),
            (34, Some(3_600)),
            (1_000_000, Some(3_600)),
            (u64::MAX, Some(3_600)),
        ] {
            assert_eq!(after(in_a_row).pause_left(AT), seconds.map(Duration::from_secs), "{in_a_row}");
        }
    }

    #[test]
    fn a_report_pauses_at_once_and_for_long() {
        assert_eq!([Denials::counted(0, false), Denials::counted(1, false)], [1, 2]);
        assert_eq!([0, 1, 5, u64::MAX].map(|before| Denials::counted(before, true)), [5, 5, 6, u64::MAX]);
        let pause = after(Denials::counted(0, true)).pause_left(AT);
        assert_eq!(pause, Some(Duration::from_secs(240)));
    }

    #[test]
    fn it_ends_to_the_second() {
        assert_eq!(after(2).pause_left(UnixSeconds(AT.0 + 29)), Some(Duration::from_secs(1)));
        assert_eq!(after(2).pause_left(UnixSeconds(AT.0 + 30)), None);
        assert_eq!(after(2).pause_left(UnixSeconds(AT.0 + 1_000_000)), None);
    }

    #[test]
    fn clocks_that_differ_a_little_lengthen_it_and_one_that_was_wrong_does_not() {
        assert_eq!(after(9).pause_left(UnixSeconds(AT.0 - 5)), Some(Duration::from_secs(3_605)));
        assert_eq!(after(9).pause_left(UnixSeconds(AT.0 - 86_400)), None);
    }
}
