//! [`EventWorker`]: sends the events of applications to their endpoints.
//!
//! It leases events from the store, sends them side by side, and notes what came of each, as the worker of messages does. Belongs here: the order of these
//! steps. Does not belong here: how an event is sent ([`EventSender`]), and when an attempt follows on another
//! ([`iampass_server_domain::retry_schedule`]).

use std::sync::Arc;
use std::time::Duration;

use iampass_core::port::Clock;
use iampass_core::{Draw, UnixSeconds};
use iampass_server_domain::event::{EventFailure, EventSender};
use iampass_server_domain::push::PushErrorKind;
use iampass_server_domain::random;
use iampass_server_domain::retry_schedule::event_again;
use iampass_server_storage::{Database, EventAttempted, EventState, LeasedEvent};

use super::sending::Sending;

/// Events that are sent side by side.
const AT_ONCE: usize = 64;
/// The events of one application among them.
const MOST_OF_ONE: u32 = 8;
/// How long an attempt may take, whatever the sender's own limits are.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(30);
/// How long an event belongs to the node that sends it: longer than an attempt and its note together.
const LEASE: Duration = Duration::from_secs(60);
/// How often there is a look without any reason for it.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// Between two looks where events are due that others may have.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Sends the events of one node.
pub struct EventWorker {
    /// The store.
    pub database: Arc<Database>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// The way to endpoints.
    pub sender: Arc<dyn EventSender>,
}

impl EventWorker {
    fn now(&self) -> UnixSeconds {
        self.clock.now().wall
    }

    /// Sends what is queued until the service stops; then lets those end that are on their way.
    pub async fn run(self: Arc<Self>, stopping: impl Future<Output = ()>) {
        let mut sending = Sending::new(MOST_OF_ONE);
        tokio::pin!(stopping);
        loop {
            sending.count_ended();
            let wait = self.send_due(&mut sending).await;
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.database.signals().events() => {}
                // With all hands full, the first that is free matters.
                () = sending.one_ends(), if sending.len() >= AT_ONCE => {}
                () = &mut stopping => break,
            }
        }
        sending.all_end().await;
    }

    /// Begins to send what is due; how long to wait for more.
    async fn send_due(self: &Arc<Self>, sending: &mut Sending) -> Duration {
        let free = AT_ONCE.saturating_sub(sending.len());
        if free == 0 {
            return LOOK_EVERY;
        }
        let due = match self.database.next_event().await {
            Ok(Some(due)) => due,
            Ok(None) => return LOOK_EVERY,
            Err(error) => {
                tracing::error!(%error, "queued events cannot be read; they are tried again");
                return LOOK_EVERY;
            }
        };
        let now = self.now();
        if due > now {
            return due.since(now).clamp(LOOK_AGAIN, LOOK_EVERY);
        }
        let (most, turns) = (u32::try_from(free).unwrap_or(1), sending.turns());
        match self.database.lease_events(most, LEASE, turns).await {
            Ok((leased, last)) => {
                sending.served(last);
                for one in leased {
                    let (worker, application) = (Arc::clone(self), one.application);
                    sending.begin(application, async move { worker.attempt(one).await });
                }
                // An attempt that ends wakes this loop; so does a new event. Others may belong to another node, whose lease may end.
                LOOK_AGAIN
            }
            Err(error) => {
                tracing::error!(%error, "queued events cannot be leased; they are tried again");
                LOOK_EVERY
            }
        }
    }

    async fn attempt(&self, leased: LeasedEvent) {
        let sent = tokio::time::timeout(LONGEST_ATTEMPT, self.sender.send(&leased.event)).await;
        let timeout = EventFailure { kind: PushErrorKind::Timeout, status: None, retry_after: None };
        let attempted = match sent.unwrap_or(Err(timeout)) {
            Ok(status) => EventAttempted::Taken(status),
            Err(failure) => {
                // Without chance there is no jitter, and nothing else depends on it.
                let draw = Draw::from_bytes(random::bytes().unwrap_or_default());
                let (now, asked) = (self.now(), failure.retry_after);
                EventAttempted::Failed {
                    failure,
                    again_at: event_again(leased.attempt, asked, now, draw),
                    held_until: event_again(leased.failures.saturating_add(1), asked, now, draw),
                }
            }
        };
        let (event, attempt) = (leased.event.id.as_str(), leased.attempt);
        match self.database.event_attempted(&leased, attempted).await {
            Ok(Some(EventState::Sent)) => tracing::debug!(event, attempt, "an event was taken"),
            Ok(Some(state)) => {
                let (state, application) = (state.word(), leased.application.0);
                if let EventAttempted::Failed { failure, .. } = attempted {
                    let (error, status) = (failure.kind.as_str(), failure.status);
                    tracing::info!(
                        event,
                        application,
                        attempt,
                        state,
                        error,
                        ?status,
                        "an event was not taken"
                    );
                }
            }
            Ok(None) => tracing::info!(
                event,
                attempt,
                "this attempt took longer than its lease, or its event was withdrawn"
            ),
            Err(error) => {
                tracing::error!(event, attempt, %error, "the outcome of an attempt cannot be stored; the attempt is made again");
            }
        }
        self.database.signals().wake_events();
    }
}

impl std::fmt::Debug for EventWorker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventWorker").finish_non_exhaustive()
    }
}
