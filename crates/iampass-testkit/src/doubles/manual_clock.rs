//! A clock that stands still until it is moved.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use iampass_core::port::{Clock, Sleep};
use iampass_core::{Monotonic, Now};
use tokio::sync::watch;

/// A [`Clock`] that a test moves by hand, and the [`Sleep`] that belongs to it. Clones show the same time.
///
/// ```
/// use iampass_core::port::Clock;
/// use iampass_testkit::ManualClock;
/// use std::time::Duration;
///
/// let clock = ManualClock::new();
/// let before = clock.now();
/// clock.clone().advance(Duration::from_secs(90));
/// assert_eq!(clock.now().mono.since(before.mono), Duration::from_secs(90));
/// assert_eq!(clock.now().wall.0 - before.wall.0, 90);
/// ```
#[derive(Clone, Debug)]
pub struct ManualClock {
    now: Arc<RwLock<Now>>,
    moved: watch::Sender<()>,
}

impl ManualClock {
    /// A clock that shows the system's time of this moment, so that signatures of others are within the window.
    #[must_use]
    pub fn new() -> Self {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self::starting_at(Now::new(Duration::ZERO, wall.as_secs()))
    }

    /// A clock that shows this time.
    #[must_use]
    pub fn starting_at(now: Now) -> Self {
        Self { now: Arc::new(RwLock::new(now)), moved: watch::Sender::new(()) }
    }

    /// Moves both of its times on, and wakes those who waited for that.
    pub fn advance(&self, by: Duration) {
        {
            let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
            *now = now.plus(by);
        }
        self.moved.send_replace(());
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Now {
        *self.now.read().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Sleep for ManualClock {
    async fn until(&self, until: Monotonic) {
        let mut moved = self.moved.subscribe();
        while self.now().mono < until {
            // The sender is part of `self`, so there is always a next time.
            if moved.changed().await.is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_waits_is_woken_when_the_time_has_come() {
        let clock = ManualClock::new();
        let until = clock.now().mono + Duration::from_secs(10);
        let waiting = tokio::spawn({
            let clock = clock.clone();
            async move { clock.until(until).await }
        });
        tokio::task::yield_now().await;
        clock.advance(Duration::from_secs(9));
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        clock.advance(Duration::from_secs(1));
        waiting.await.unwrap();
    }
}
