//! [`PushWorker`]: takes pushes out of the outbox, sends them as the queue says, and notes what became of them.
//!
//! Belongs here: the order of these steps. Does not belong here: what is sent when ([`crate::queue`]).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use iampass_core::port::Clock;
use iampass_core::{Draw, Monotonic};
use iampass_server_domain::push::{PushError, PushErrorKind};
use iampass_server_domain::random;
use iampass_server_metrics::{Metrics, PushEvent};
use tokio::task::{self, JoinSet};

use crate::outbox::{DeliveryRecord, Outbox};
use crate::port::{Push, PushId};
use crate::queue::{Limits, Outcome, Queue, Settled};

/// How often the outbox is looked into without any reason, since other nodes may have died with pushes in their hands. Work that the outbox could not do
/// is tried again after as long.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// While pushes wait that their push services do not take, the outbox is looked into no more often. Each look is a write to the database, which logins
/// would wait for. A push to another push service waits so long at most.
const LOOK_APART: Duration = Duration::from_millis(30);
/// Attempts that are made again later are stored together, no more often.
const NOTE_APART: Duration = Duration::from_secs(1);
/// How often leases are renewed. A push whose question is answered is found by it, so it is often.
const RENEW_EVERY: Duration = Duration::from_secs(5);
/// How long an attempt may take, whatever the way's own limits are.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(15);
/// Records that are kept while the outbox cannot be written. Nothing more is leased meanwhile. One more is lost: the lease of its push runs out, and
/// the push is sent again.
const MOST_UNSAVED: usize = 50_000;

/// Sends the pushes of one node.
pub struct PushWorker {
    /// Where pushes wait.
    pub outbox: Arc<dyn Outbox>,
    /// The ways that this node has.
    pub push: Arc<dyn Push>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// The counters.
    pub metrics: Arc<Metrics>,
    /// How much is sent side by side.
    pub limits: Limits,
}

/// The pushes and records that the worker has in its hands.
struct Hands {
    queue: Queue,
    tasks: JoinSet<Result<(), PushError>>,
    pushes: HashMap<task::Id, PushId>,
    unsaved: Vec<DeliveryRecord>,
    /// Whether one of them is an end.
    has_end: bool,
    /// Whether they could not be stored the last time.
    is_failing: bool,
    /// When records may be stored: later, if the last time failed.
    save_at: Monotonic,
    /// When records may be stored of which none is an end.
    note_from: Monotonic,
    /// When the outbox may be looked into while pushes are held up.
    look_from: Monotonic,
}

impl Hands {
    /// When the records that there are may be stored.
    fn due_to_save(&self) -> Monotonic {
        if self.has_end || self.is_failing { self.save_at } else { self.save_at.max(self.note_from) }
    }

    /// When the outbox may be looked into; None while records cannot be stored.
    fn may_look_from(&self) -> Option<Monotonic> {
        let from = if self.queue.is_held_up() { self.look_from } else { Monotonic::ORIGIN };
        (!self.is_failing && !self.has_end).then_some(from)
    }
}

/// When the worker does something without a reason from outside.
struct Due {
    look: Monotonic,
    renew: Monotonic,
}

impl PushWorker {
    /// Sends until the service stops; then lets those end that are on their way.
    pub async fn run(&self, stopping: impl Future<Output = ()>) {
        let start = self.clock.now().mono;
        let mut hands = Hands {
            queue: Queue::new(self.limits),
            tasks: JoinSet::new(),
            pushes: HashMap::new(),
            unsaved: Vec::new(),
            has_end: false,
            is_failing: false,
            save_at: start,
            note_from: start,
            look_from: start,
        };
        let mut due = Due { look: start, renew: start + RENEW_EVERY };
        let mut may_have_more = true;
        tokio::pin!(stopping);
        loop {
            // The records come first: a push whose end is not stored yet must not be leased once more.
            self.note(&mut hands).await;
            let now = self.clock.now().mono;
            if due.look <= now {
                due.look = now + LOOK_EVERY;
                may_have_more = true;
            }
            if due.renew <= now {
                due.renew = now + RENEW_EVERY;
                self.renew(&mut hands).await;
            }
            if may_have_more && hands.may_look_from().is_some_and(|from| from <= now) {
                may_have_more = false;
                self.lease(&mut hands.queue).await;
                hands.look_from = self.clock.now().mono + LOOK_APART;
            }
            self.begin(&mut hands);
            self.note(&mut hands).await;
            let mut wake_at = hands.queue.wake_at().min(due.look).min(due.renew);
            if !hands.unsaved.is_empty() {
                wake_at = wake_at.min(hands.due_to_save());
            }
            if let Some(from) = hands.may_look_from().filter(|_| may_have_more) {
                wake_at = wake_at.min(from);
            }
            let wait = wake_at.since(self.clock.now().mono);
            tokio::select! {
                Some(ended) = hands.tasks.join_next_with_id() => {
                    self.ended(&mut hands, ended);
                    while let Some(ended) = hands.tasks.try_join_next_with_id() {
                        self.ended(&mut hands, ended);
                    }
                }
                () = tokio::time::sleep(wait) => {}
                () = self.outbox.changed() => may_have_more = true,
                () = &mut stopping => break,
            }
        }
        while let Some(ended) = hands.tasks.join_next_with_id().await {
            self.ended(&mut hands, ended);
        }
        hands.save_at = self.clock.now().mono;
        hands.note_from = hands.save_at;
        self.note(&mut hands).await;
    }

    async fn lease(&self, queue: &mut Queue) {
        let room = queue.room();
        if room == 0 {
            return;
        }
        match self.outbox.lease(room).await {
            Ok(leased) => {
                let now = self.clock.now();
                leased.into_iter().for_each(|push| queue.add(push, now));
            }
            Err(error) => tracing::error!(%error, "pushes cannot be leased; they are looked for again"),
        }
    }

    /// Renews the leases of all pushes whose end is not stored.
    async fn renew(&self, hands: &mut Hands) {
        let unsaved = hands.unsaved.iter().map(|record| record.push);
        let ids: Vec<PushId> = hands.queue.ids().chain(unsaved).collect();
        if ids.is_empty() {
            return;
        }
        match self.outbox.renew(&ids).await {
            Ok(over) => over.into_iter().for_each(|id| hands.queue.withdraw(id)),
            Err(error) => {
                tracing::error!(%error, "the leases of pushes cannot be renewed; they may be sent twice");
            }
        }
    }

    fn begin(&self, hands: &mut Hands) {
        loop {
            let now = self.clock.now();
            let Some(attempt) = hands.queue.next(now) else { break };
            let (push, id) = (Arc::clone(&self.push), attempt.push.id);
            let task = hands.tasks.spawn(async move {
                tokio::time::timeout(LONGEST_ATTEMPT, push.push(&attempt.request(now.wall)))
                    .await
                    .unwrap_or(Err(PushErrorKind::Timeout.into()))
            });
            hands.pushes.insert(task.id(), id);
        }
    }

    fn ended(&self, hands: &mut Hands, ended: Result<(task::Id, Result<(), PushError>), task::JoinError>) {
        // An attempt that panicked has sent nothing that is known of.
        let (task, result) =
            ended.unwrap_or_else(|error| (error.id(), Err(PushErrorKind::NotSendable.into())));
        if let Some(id) = hands.pushes.remove(&task) {
            // Without chance there is no jitter, and nothing else depends on it.
            let draw = Draw::from_bytes(random::bytes().unwrap_or_default());
            hands.queue.ended(id, result, self.clock.now(), draw);
        }
    }

    /// Counts, logs and stores what became of pushes.
    async fn note(&self, hands: &mut Hands) {
        let now = self.clock.now();
        while let Some(settled) = hands.queue.settled() {
            self.tell(&settled);
            hands.has_end |= !matches!(settled.outcome, Outcome::Again(_));
            hands.unsaved.push(DeliveryRecord::new(&settled, now.wall));
        }
        self.metrics.pushes.set_waiting(u64::try_from(hands.queue.len()).unwrap_or(u64::MAX));
        if hands.unsaved.is_empty() || now.mono < hands.due_to_save() {
            return;
        }
        match self.outbox.settle(&hands.unsaved).await {
            Ok(()) => {
                hands.unsaved.clear();
                (hands.has_end, hands.is_failing) = (false, false);
                hands.note_from = now.mono + NOTE_APART;
            }
            Err(error) => {
                hands.is_failing = true;
                tracing::error!(%error, "what became of pushes cannot be stored; it is tried again");
                hands.unsaved.truncate(MOST_UNSAVED);
                hands.save_at = now.mono + LOOK_EVERY;
            }
        }
    }

    fn tell(&self, settled: &Settled) {
        let (id, service) = (settled.push.id.0, settled.push.address.service());
        let (attempt, way) = (settled.attempts, service.as_str());
        let event = match settled.outcome {
            Outcome::Sent => {
                tracing::debug!(push = id, service = way, attempt, "a phone was pushed to");
                PushEvent::Sent
            }
            Outcome::Again(kind) => {
                tracing::info!(
                    push = id,
                    service = way,
                    attempt,
                    error = kind.what(),
                    "a push is sent again later"
                );
                PushEvent::Delayed
            }
            Outcome::Refused(kind) => {
                tracing::warn!(
                    push = id,
                    service = way,
                    attempt,
                    error = kind.what(),
                    "a push was not taken"
                );
                PushEvent::Failed
            }
            Outcome::Gone => {
                tracing::info!(
                    push = id,
                    service = way,
                    attempt,
                    "a phone has left its subscription, which is deleted"
                );
                PushEvent::Gone
            }
            Outcome::Late(kind) => {
                let error = kind.map_or("its turn did not come", PushErrorKind::what);
                tracing::warn!(push = id, service = way, attempt, error, "a push was not taken in time");
                PushEvent::Late
            }
            Outcome::Withdrawn => PushEvent::Withdrawn,
        };
        self.metrics.pushes.count(service, event);
    }
}

impl std::fmt::Debug for PushWorker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PushWorker").field("push", &self.push).finish_non_exhaustive()
    }
}
