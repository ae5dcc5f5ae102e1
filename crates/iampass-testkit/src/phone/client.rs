//! The client that virtual phones speak with.

use std::sync::Arc;

use iampass_core::client::System;
use iampass_core::port::{Clock, HttpTransport};
use iampass_core::{Monotonic, Now};
use iampass_phone::{PhoneClient, SoftwareKeys};
use iampass_reqwest::ReqwestTransport;

use crate::TestkitError;

/// Signs by the wall clock of a test, and waits by that of the machine: a test that stands still waits for its phones all the same.
struct PhoneClock {
    wall: Arc<dyn Clock>,
    system: Arc<System>,
}

impl Clock for PhoneClock {
    fn now(&self) -> Now {
        let mono: Monotonic = self.system.now().mono;
        Now { mono, ..self.wall.now() }
    }
}

/// A client with software keys over this transport and clock.
pub(crate) fn over(transport: Arc<dyn HttpTransport>, wall: Arc<dyn Clock>) -> PhoneClient {
    let system = Arc::new(System::new());
    let clock = Arc::new(PhoneClock { wall, system: Arc::clone(&system) });
    let keys = Arc::new(SoftwareKeys::new());
    PhoneClient::over(transport, clock, system.clone(), system, Some(keys))
}

/// A client over reqwest, by the system's clock.
pub(crate) fn of_this_machine() -> Result<PhoneClient, TestkitError> {
    Ok(over(Arc::new(ReqwestTransport::new()?), Arc::new(System::new())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ManualClock;
    use std::time::Duration;

    #[test]
    fn signatures_carry_the_time_of_the_test_and_waits_that_of_the_machine() {
        let manual = ManualClock::starting_at(Now::new(Duration::ZERO, 1_700_000_000));
        let clock = PhoneClock { wall: Arc::new(manual.clone()), system: Arc::new(System::new()) };
        let before = clock.now();
        assert_eq!(before.wall.0, 1_700_000_000);
        manual.advance(Duration::from_secs(3_600));
        assert_eq!(clock.now().wall.0, 1_700_003_600);
        assert!(clock.now().mono.since(before.mono) < Duration::from_secs(60));
    }
}
