//! The worker that sends what is queued.
//!
//! It leases messages from the store, sends them side by side, and notes what came of each. It asks the store when the next one is due and is
//! woken for new ones; where other nodes are, it also looks by itself, since one of them may have died with messages in its hands.
//!
//! Belongs here: the order of these steps. Does not belong here: when an attempt follows on another ([`iampass_server_domain::retry_schedule`]).

use std::sync::Arc;
use std::time::Duration;

use iampass_core::port::Clock;
use iampass_core::{Draw, UnixSeconds};
use iampass_server_domain::random;
use iampass_server_domain::retry_schedule::{Next, after_failure};
use iampass_server_metrics::{DeliveryEvent, Metrics};
use iampass_server_storage::{ApplicationKey, Attempted, Database, DeliveryState, Leased};

use super::sending::Sending;
use super::{Channel, NoticeError, NoticeErrorKind, NoticeSender};

/// Messages that are sent side by side.
const AT_ONCE: usize = 16;
/// How long an attempt may take, whatever the sender's own limits are.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(30);
/// How long a message belongs to the node that sends it: longer than an attempt and its note together.
const LEASE: Duration = Duration::from_secs(60);
/// How often there is a look without any reason for it.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// The messages of one application among them: another one's turn comes soon, however slowly its messages are taken.
const MOST_OF_ONE: u32 = 8;

/// Takes the count of a message back from its application and user.
pub type Uncount = Box<dyn Fn(ApplicationKey, &str) + Send + Sync>;

/// Sends the queued messages of one node.
pub struct DeliveryWorker {
    /// The store.
    pub database: Arc<Database>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// The counters.
    pub metrics: Arc<Metrics>,
    /// The ways that this node has.
    pub senders: Vec<(Channel, Arc<dyn NoticeSender>)>,
    /// Called for a message that will never be sent, with its application and user: it counts against no limit.
    pub uncount: Uncount,
}

impl DeliveryWorker {
    fn now(&self) -> UnixSeconds {
        self.clock.now().wall
    }

    fn sender(&self, channel: Channel) -> Option<&Arc<dyn NoticeSender>> {
        self.senders.iter().find(|(of, _)| *of == channel).map(|(_, sender)| sender)
    }

    /// Sends what is queued until the service stops; then lets those end that are on their way.
    pub async fn run(self: Arc<Self>, stopping: impl Future<Output = ()>) {
        // Messages of a channel that this node has no way for are left to others.
        let channels = match self.senders.as_slice() {
            [] => return,
            [(one, _)] => [*one, *one],
            [(one, _), (other, _), ..] => [*one, *other],
        };
        let mut sending = Sending::new(MOST_OF_ONE);
        tokio::pin!(stopping);
        loop {
            sending.count_ended();
            let wait = self.send_due(channels, &mut sending).await;
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.database.signals().deliveries() => {}
                // With all hands full, the first that is free matters.
                () = sending.one_ends(), if sending.len() >= AT_ONCE => {}
                () = &mut stopping => break,
            }
        }
        sending.all_end().await;
    }

    /// Begins to send what is due; how long to wait for more.
    async fn send_due(self: &Arc<Self>, channels: [Channel; 2], sending: &mut Sending) -> Duration {
        let free = AT_ONCE.saturating_sub(sending.len());
        if free == 0 {
            return LOOK_EVERY;
        }
        let due = match self.database.next_delivery(channels).await {
            Ok(Some(due)) => due,
            Ok(None) => return LOOK_EVERY,
            Err(error) => {
                tracing::error!(%error, "queued messages cannot be read; they are tried again");
                return LOOK_EVERY;
            }
        };
        let now = self.now();
        if due > now {
            return due.since(now).clamp(Duration::from_millis(500), LOOK_EVERY);
        }
        let (most, turns) = (u32::try_from(free).unwrap_or(1), sending.turns());
        match self.database.lease_deliveries(channels, most, LEASE, turns).await {
            Ok((leased, last)) => {
                sending.served(last);
                let is_all = leased.len() < free;
                for one in leased {
                    let (worker, application) = (Arc::clone(self), one.application);
                    sending.begin(application, async move { worker.attempt(one).await });
                }
                // Due messages may have been withdrawn, or taken by another node: look again, but not without pause.
                if is_all { Duration::from_millis(500) } else { LOOK_EVERY }
            }
            Err(error) => {
                tracing::error!(%error, "queued messages cannot be leased; they are tried again");
                LOOK_EVERY
            }
        }
    }

    async fn attempt(&self, leased: Leased) {
        let Leased { key, attempt, application, user, give_up_at, notice } = leased;
        let Some(sender) = self.sender(notice.channel) else { return };
        let sent = tokio::time::timeout(LONGEST_ATTEMPT, sender.send(&notice))
            .await
            .unwrap_or(Err(NoticeError::new(NoticeErrorKind::Timeout)));
        let (attempted, error) = match sent {
            Ok(()) => (Attempted::Ended(DeliveryState::Sent), None),
            Err(error) => {
                // Without chance there is no jitter, and nothing else depends on it.
                let draw = Draw::from_bytes(random::bytes().unwrap_or_default());
                let attempted = match after_failure(attempt, error, self.now(), give_up_at, draw) {
                    Next::At(at) => Attempted::Again { at },
                    Next::Refused => Attempted::Ended(DeliveryState::Refused),
                    Next::GiveUp => Attempted::Ended(DeliveryState::GivenUp),
                };
                (attempted, Some(error))
            }
        };
        let (id, channel) = (notice.id.as_str(), notice.channel.as_str());
        let event = match (attempted, error) {
            (Attempted::Ended(DeliveryState::Sent), _) | (_, None) => {
                tracing::info!(delivery = id, channel, attempt, "a registration link was sent");
                DeliveryEvent::Sent
            }
            (Attempted::Again { .. }, Some(error)) => {
                tracing::info!(delivery = id, channel, attempt, %error, "a registration link is sent again later");
                DeliveryEvent::Delayed
            }
            (Attempted::Ended(state), Some(error)) => {
                let state = state.word();
                tracing::warn!(delivery = id, channel, attempt, state, %error, "a registration link was not sent");
                DeliveryEvent::Failed
            }
        };
        if event == DeliveryEvent::Failed {
            // Only what was sent counts against a user.
            (self.uncount)(application, user.as_str());
        }
        self.metrics.deliveries.count(notice.channel, event);
        let word = error.map(NoticeError::stored);
        match self.database.delivery_attempted(key, attempt, attempted, word).await {
            Ok(true) => {}
            Ok(false) => {
                tracing::warn!(delivery = id, channel, attempt, "this attempt took longer than its lease")
            }
            Err(error) => {
                tracing::error!(delivery = id, channel, attempt, %error, "the outcome of an attempt cannot be stored; the attempt is made again");
            }
        }
        self.database.signals().wake_deliveries();
    }
}

impl std::fmt::Debug for DeliveryWorker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeliveryWorker").finish_non_exhaustive()
    }
}
