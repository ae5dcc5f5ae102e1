//! How long starts are paused after a user has denied requests in a row \[X\].
//!
//! A stranger who knows a name can have the user's phone ask. A user who denies does not want to be asked again at once, and a user who is
//! asked again and again accepts in the end. So each denial after the first one doubles the pause.

use std::time::Duration;

use iampass_core::UnixSeconds;

/// The denial that begins the first pause.
const FIRST_TO_PAUSE: u64 = 2;
/// The first pause.
const FIRST_PAUSE: Duration = Duration::from_secs(30);
/// No pause is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);

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
    ///
    /// A last denial that lies far in the future was written by a clock that was wrong. It pauses nothing: otherwise a clock that was set
    /// back would keep the user out for as long as the step was.
    pub fn pause_left(self, now: UnixSeconds) -> Option<Duration> {
        let left = self.last_at.plus(self.pause()?).since(now);
        (!left.is_zero() && left <= LONGEST_PAUSE * 2).then_some(left)
    }

    /// The pause that the last denial began.
    fn pause(self) -> Option<Duration> {
        let doublings = self.in_a_row.checked_sub(FIRST_TO_PAUSE)?;
        let factor = u32::try_from(doublings).ok().and_then(|doublings| 1_u32.checked_shl(doublings));
        let pause = factor.and_then(|factor| FIRST_PAUSE.checked_mul(factor));
        Some(pause.map_or(LONGEST_PAUSE, |pause| pause.min(LONGEST_PAUSE)))
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
