//! [`TimeHere`]: the service's clock, as the Console's client wants it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use iampass_core::client::System;
use iampass_core::port::{Clock, Entropy, EntropyError, Sleep};
use iampass_core::{Draw, Monotonic, Now};

/// A clock that a test moves is looked at again after this time.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// Time by the service's clock, so that both sides of a signature agree on it; randomness of the system.
#[derive(Clone)]
pub(super) struct TimeHere {
    clock: Arc<dyn Clock>,
    system: System,
}

impl TimeHere {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, system: System::new() }
    }
}

impl Clock for TimeHere {
    fn now(&self) -> Now {
        self.clock.now()
    }
}

impl Entropy for TimeHere {
    fn draw(&self) -> Result<Draw, EntropyError> {
        self.system.draw()
    }
}

#[async_trait]
impl Sleep for TimeHere {
    async fn until(&self, until: Monotonic) {
        loop {
            let left = until.since(self.clock.now().mono);
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(LOOK_AGAIN)).await;
        }
    }
}
