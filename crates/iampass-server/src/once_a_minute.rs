//! [`OnceAMinute`]: for lines of the log that must not be as many as the requests that cause them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use iampass_core::UnixSeconds;

/// Remembers when something was logged last.
#[derive(Debug, Default)]
pub(crate) struct OnceAMinute(AtomicU64);

impl OnceAMinute {
    /// Whether the last time is a minute ago. Then `now` is the last time.
    pub(crate) fn is_due(&self, now: UnixSeconds) -> bool {
        let last = UnixSeconds(self.0.load(Ordering::Relaxed));
        let is_due = last.plus(Duration::from_secs(60)) <= now;
        if is_due {
            self.0.store(now.0, Ordering::Relaxed);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_due_once_in_sixty_seconds() {
        let line = OnceAMinute::default();
        let due = [1_000, 1_000, 1_059, 1_060, 1_061].map(|now| line.is_due(UnixSeconds(now)));
        assert_eq!(due, [true, false, false, true, false]);
    }
}
