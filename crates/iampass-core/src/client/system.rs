//! The machine that one runs on: its clock, its randomness, and waiting on a tokio runtime.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;

use crate::port::{Clock, Entropy, EntropyError, Sleep};
use crate::{Draw, Monotonic, Now};

/// Clock, randomness and waiting of the system, for applications on tokio.
#[derive(Clone, Copy, Debug)]
pub struct System {
    origin: Instant,
}

impl System {
    /// The system, with its monotonic clock beginning now.
    #[must_use]
    pub fn new() -> Self {
        Self { origin: Instant::now() }
    }
}

impl Default for System {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for System {
    fn now(&self) -> Now {
        // A clock before 1970 signs with 1970, which the service refuses: no login comes of it.
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Now::at(self.origin.elapsed(), wall)
    }
}

impl Entropy for System {
    fn draw(&self) -> Result<Draw, EntropyError> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|_| EntropyError)?;
        Ok(Draw::from_bytes(bytes))
    }
}

#[async_trait]
impl Sleep for System {
    async fn until(&self, until: Monotonic) {
        if until == Monotonic::NEVER {
            return std::future::pending().await;
        }
        tokio::time::sleep(until.since(self.now().mono)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_on_and_draws_differ() {
        let system = System::new();
        let (first, second) = (system.now(), system.now());
        assert!(second.mono >= first.mono && first.wall.0 > 1_700_000_000);
        assert_ne!(system.draw().unwrap().bytes(), system.draw().unwrap().bytes());
    }
}
