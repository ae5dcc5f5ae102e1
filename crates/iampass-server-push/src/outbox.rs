//! [`Outbox`]: the port to wherever pushes wait until a node sends them.

use std::time::Duration;

use async_trait::async_trait;
use iampass_core::UnixSeconds;
use iampass_server_domain::push::{PushKind, PushService};

use crate::port::PushId;
use crate::queue::{Outcome, Settled, SubscriptionKey, Waiting};

/// The delivery log's record of a push. There is no address in it, no user, no application and no question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryRecord {
    /// The push.
    pub push: PushId,
    /// The subscription, which the log may lead to as long as it is there.
    pub subscription: SubscriptionKey,
    /// The way.
    pub service: PushService,
    /// The reason for which the phone was to be woken.
    pub kind: PushKind,
    /// How often it was tried.
    pub attempts: u32,
    /// Its outcome.
    pub outcome: Outcome,
    /// When.
    pub at: UnixSeconds,
}

impl DeliveryRecord {
    pub(crate) fn new(settled: &Settled, at: UnixSeconds) -> Self {
        Self {
            push: settled.push.id,
            subscription: settled.push.subscription,
            service: settled.push.address.service(),
            kind: settled.push.kind,
            attempts: settled.attempts,
            outcome: settled.outcome,
            at,
        }
    }
}

/// The outbox cannot be read or written at present. The adapter has logged why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the pushes that wait cannot be read or written")]
pub struct OutboxError;

/// Keeps pushes until they are sent.
///
/// # Contract
/// * A push that [`lease`](Outbox::lease) gave out is given to no other node for [`LEASE`] after it was given or renewed.
/// * A push whose record says that it is over is given out never again. [`Outcome::Again`] is no end: the node that has it keeps it.
/// * With [`Outcome::Gone`], the subscription is deleted, and what waits for it too.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Up to `most` pushes that no node has.
    ///
    /// # Errors
    /// [`OutboxError`]; it is asked again later.
    async fn lease(&self, most: usize) -> Result<Vec<Waiting>, OutboxError>;

    /// Keeps these pushes for this node, all in one step. Those that this node is to send no more come back: their questions are answered, their
    /// subscriptions gone, or another node has leased them meanwhile.
    ///
    /// # Errors
    /// [`OutboxError`]; it is asked again later.
    async fn renew(&self, pushes: &[PushId]) -> Result<Vec<PushId>, OutboxError>;

    /// Notes what became of pushes. The same record may come again after an error.
    ///
    /// # Errors
    /// [`OutboxError`]; the same records are brought again.
    async fn settle(&self, records: &[DeliveryRecord]) -> Result<(), OutboxError>;

    /// Returns when there may be more to lease. Dropping it loses nothing.
    async fn changed(&self);
}

/// How long a push belongs to the node that leased it. The worker renews it every few seconds.
pub const LEASE: Duration = Duration::from_secs(30);
