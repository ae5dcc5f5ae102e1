//! Waiting longer each time.

use std::time::Duration;

use crate::Draw;

/// How waits grow: from `first`, multiplied by `growth` in percent, up to `longest`; each is then shortened or lengthened
/// by up to `jitter` percent, so that many clients do not come at once.
///
/// ```
/// use iampass_core::machine::Backoff;
/// use std::time::Duration;
///
/// let backoff = Backoff::new(Duration::from_millis(300), Duration::from_secs(2));
/// assert_eq!(backoff.plain_wait(0), Duration::from_millis(300));
/// assert_eq!(backoff.plain_wait(1), Duration::from_millis(450));
/// assert_eq!(backoff.plain_wait(50), Duration::from_secs(2));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Backoff {
    /// The first wait.
    pub first: Duration,
    /// No wait is longer, but for the jitter.
    pub longest: Duration,
    /// Each wait in percent of the one before. 150 unless set otherwise.
    pub growth_percent: u32,
    /// By how much a wait may be off, in percent of it. 10 unless set otherwise, 100 at most.
    pub jitter_percent: u32,
}

impl Backoff {
    /// Waits from `first` to `longest`, growing by half each time, with a tenth of jitter.
    #[must_use]
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, growth_percent: 150, jitter_percent: 10 }
    }

    /// The same with another growth.
    #[must_use]
    pub const fn growing_by_percent(mut self, growth_percent: u32) -> Self {
        self.growth_percent = growth_percent;
        self
    }

    /// The wait after `attempts` attempts, without jitter.
    #[must_use]
    pub fn plain_wait(&self, attempts: u32) -> Duration {
        let longest = self.longest.max(self.first);
        let mut wait = self.first;
        for _ in 0..attempts {
            if wait >= longest {
                break;
            }
            // A growth under 100 % would turn a wait into a storm.
            wait = wait.saturating_mul(self.growth_percent.max(100)) / 100;
            if self.growth_percent <= 100 {
                break;
            }
        }
        wait.min(longest)
    }

    /// The wait after `attempts` attempts, with the jitter that `draw` decides.
    #[must_use]
    pub fn wait(&self, attempts: u32, draw: Draw) -> Duration {
        let plain = self.plain_wait(attempts);
        let spread = plain.saturating_mul(self.jitter_percent.min(100)) / 100;
        // Where in [plain - spread, plain + spread] it falls, in 1/2^16.
        let share = u32::try_from(draw.jitter() >> 48).unwrap_or_default();
        let offset = spread.saturating_mul(2).saturating_mul(share) / (1 << 16);
        (plain - spread).saturating_add(offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn waits_stay_within_their_bounds(
            first in 1_u64..10_000, more in 0_u64..100_000, growth in 0_u32..400, attempts in 0_u32..5_000, bytes: [u8; 16]
        ) {
            let backoff = Backoff { jitter_percent: 10, ..Backoff::new(Duration::from_millis(first), Duration::from_millis(first + more)) }
                .growing_by_percent(growth);
            let plain = backoff.plain_wait(attempts);
            prop_assert!(plain >= backoff.first && plain <= backoff.longest);
            let wait = backoff.wait(attempts, Draw::from_bytes(bytes));
            prop_assert!(wait >= plain * 9 / 10 && wait <= plain * 11 / 10);
            prop_assert!(backoff.plain_wait(attempts + 1) >= plain);
        }
    }

    #[test]
    fn jitter_uses_the_whole_spread() {
        let backoff = Backoff::new(Duration::from_secs(10), Duration::from_secs(10));
        assert_eq!(backoff.wait(0, Draw::from_bytes([0; 16])), Duration::from_secs(9));
        assert!(backoff.wait(0, Draw::from_bytes([0xff; 16])) > Duration::from_millis(10_990));
    }
}
