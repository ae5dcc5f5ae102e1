//! An enrolment, driven to its outcome.

use std::sync::Arc;

use futures_core::Stream;

use super::Client;
use super::drive::{Canceller, Drive};
use crate::Error;
use crate::machine::{Enrolment, EnrolmentEvent, EnrolmentOutcome, Input, Machine as _};
use crate::port::{TokenStore, UserKey};

/// An enrolment under way: see [`Client::enrol`].
#[derive(Debug)]
#[must_use = "an enrolment does nothing until it is awaited"]
pub struct EnrolmentFlow {
    client: Client,
    drive: Drive<Enrolment>,
    tokens: Tokens,
    user: UserKey,
    handling: Option<EnrolmentEvent>,
    finished: bool,
}

struct Tokens(Arc<dyn TokenStore>);

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenStore")
    }
}

impl EnrolmentFlow {
    pub(super) fn new(
        client: Client,
        machine: Enrolment,
        tokens: Arc<dyn TokenStore>,
        user: UserKey,
    ) -> Self {
        let drive = Drive::new(machine, client.ports().clone());
        Self { client, drive, tokens: Tokens(tokens), user, handling: None, finished: false }
    }

    /// The next event; `None` after [`EnrolmentEvent::Finished`]. It may be dropped and called again.
    ///
    /// The token is assigned by the time [`EnrolmentEvent::Assign`] comes out.
    pub async fn next(&mut self) -> Option<EnrolmentEvent> {
        if self.finished {
            return None;
        }
        if self.handling.is_none() {
            match self.drive.next_event().await {
                Ok(event) => self.handling = Some(event?),
                Err(error) => return Some(self.fail(error)),
            }
        }
        if let Some(EnrolmentEvent::Assign(candidate)) = &self.handling {
            match self.tokens.0.assign(&self.user, candidate).await {
                Ok(token) => {
                    self.drive.machine.assigned(token.clone());
                    self.handling = Some(EnrolmentEvent::Assign(token));
                }
                Err(error) => {
                    self.handling = None;
                    return Some(self.fail(Error::Store(error)));
                }
            }
        }
        self.handling.take()
    }

    fn fail(&mut self, error: Error) -> EnrolmentEvent {
        self.finished = true;
        self.drive.machine.handle(self.client.ports().clock.now(), Input::Cancel);
        EnrolmentEvent::Finished(Err(error))
    }

    /// Drives the enrolment to its end. For the link, follow [`EnrolmentFlow::next`] instead.
    ///
    /// # Errors
    /// The one that stopped it.
    pub async fn outcome(mut self) -> Result<EnrolmentOutcome, Error> {
        while let Some(event) = self.next().await {
            if let EnrolmentEvent::Finished(end) = event {
                return end;
            }
        }
        Ok(EnrolmentOutcome::Cancelled)
    }

    /// The events as a stream, which ends after [`EnrolmentEvent::Finished`].
    pub fn into_stream(self) -> impl Stream<Item = EnrolmentEvent> + Send {
        futures_util::stream::unfold(self, |mut flow| async move {
            let event = flow.next().await?;
            Some((event, flow))
        })
    }

    /// Cancels the enrolment, for another task.
    #[must_use]
    pub fn canceller(&self) -> Canceller {
        self.drive.canceller()
    }
}
