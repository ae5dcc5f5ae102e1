//! [`GrowingPause`]: a pause that doubles with each further event.

use std::time::Duration;

use iampass_core::UnixSeconds;

/// A pause after events in a row. The first ones are free, and each further one doubles the pause.
#[derive(Clone, Copy, Debug)]
pub(super) struct GrowingPause {
    /// The event that begins the first pause.
    pub(super) first_to_pause: u64,
    /// The first pause.
    pub(super) shortest: Duration,
    /// No pause is longer.
    pub(super) longest: Duration,
}

impl GrowingPause {
    /// How much is left at `now` of the pause after `in_a_row` events, the last of them at `last_at`; None when nothing is.
    ///
    /// A last event that lies far in the future was written by a clock that was wrong. It pauses nothing: otherwise a clock that was set
    /// back would keep the user out for as long as the step was.
    pub(super) fn left(self, in_a_row: u64, last_at: UnixSeconds, now: UnixSeconds) -> Option<Duration> {
        let left = last_at.plus(self.after(in_a_row)?).since(now);
        (!left.is_zero() && left <= self.longest * 2).then_some(left)
    }

    /// The pause that the last event began.
    fn after(self, in_a_row: u64) -> Option<Duration> {
        let doublings = in_a_row.checked_sub(self.first_to_pause)?;
        let factor = u32::try_from(doublings).ok().and_then(|doublings| 1_u32.checked_shl(doublings));
        let pause = factor.and_then(|factor| self.shortest.checked_mul(factor));
        Some(pause.map_or(self.longest, |pause| pause.min(self.longest)))
    }
}
