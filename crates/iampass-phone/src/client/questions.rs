//! [`Questions`]: the long poll of one account.

use std::fmt;
use std::time::Duration;

use iampass_core::Monotonic;
use iampass_core::wire::AuthenticationRequest;

use super::ports::Ports;
use crate::inbox::{Inbox, Poll};
use crate::{PhoneError, Registration, answers, calls};

/// Longer than any poll waits.
const ANY: Duration = Duration::from_secs(3600);

/// The questions of an account, asked for again and again. Dropping a future of it loses nothing but the poll that was under way.
pub struct Questions<'a> {
    ports: &'a Ports,
    registration: &'a Registration,
    inbox: Inbox,
    next: Monotonic,
}

impl<'a> Questions<'a> {
    pub(super) fn new(ports: &'a Ports, registration: &'a Registration) -> Self {
        Self { ports, registration, inbox: Inbox::new(), next: Monotonic::ORIGIN }
    }

    /// All questions that wait: at once for the first time, and then as soon as they are others, or a few seconds later.
    ///
    /// # Errors
    /// [`PhoneError`]. It may be called again: after an error that may pass, the next poll waits first, longer with each failure.
    pub async fn next(&mut self) -> Result<Vec<AuthenticationRequest>, PhoneError> {
        self.next_within(ANY).await
    }

    /// The same for a caller that waits no longer than `patience`.
    pub(super) async fn next_within(
        &mut self,
        patience: Duration,
    ) -> Result<Vec<AuthenticationRequest>, PhoneError> {
        let ports = self.ports;
        let begun = ports.clock.now().mono;
        let deadline = begun + patience;
        if self.next > begun {
            ports.sleep.until(self.next.min(deadline)).await;
        }
        let asked = ports.clock.now().mono;
        let answer = ask(ports, self.registration, &self.inbox.poll(deadline.since(asked))).await;
        let now = ports.clock.now().mono;
        match answer {
            Ok(requests) => {
                self.next = now + self.inbox.answered(&requests, now.since(asked));
                Ok(requests)
            }
            Err(error) => {
                let pause = self.inbox.failed(&error, ports.entropy.draw()?);
                self.next = now + pause.unwrap_or_default();
                Err(error)
            }
        }
    }
}

/// One poll.
pub(super) async fn ask(
    ports: &Ports,
    registration: &Registration,
    poll: &Poll,
) -> Result<Vec<AuthenticationRequest>, PhoneError> {
    ports.send(&calls::pending_requests(registration, poll)?, answers::read_requests).await
}

impl fmt::Debug for Questions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Questions").field("inbox", &self.inbox).finish_non_exhaustive()
    }
}
