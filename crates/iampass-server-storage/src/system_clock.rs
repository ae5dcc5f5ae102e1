//! The clock of the machine that the service runs on: the only place of this crate where a clock is read.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use iampass_core::Now;
use iampass_core::port::Clock;

/// Reads the system's clocks.
#[derive(Debug)]
pub struct SystemClock {
    origin: Instant,
}

impl SystemClock {
    /// A clock that begins now.
    pub fn new() -> Self {
        Self { origin: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Now {
        // A clock before 1970 refuses every signature, which is what a clock that wrong should do.
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Now::at(self.origin.elapsed(), wall)
    }
}
