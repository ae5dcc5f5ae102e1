//! [`StoredOutbox`]: the pushes of the store, as the worker takes them.

use std::sync::Arc;

use async_trait::async_trait;
use iampass_server_domain::push::{PushErrorKind, PushService};
use iampass_server_push::queue::{Outcome, SubscriptionKey, Waiting};
use iampass_server_push::{Address, DeliveryRecord, LEASE, Outbox, OutboxError, PushId, Reach, Topic};
use iampass_server_storage::{
    Database, LeasedPush, PushAttempted, PushHolder, PushKey, PushState, StorageError,
};

/// The outbox of a node.
pub(super) struct StoredOutbox {
    pub(super) database: Arc<Database>,
    /// Names this node to the leases.
    pub(super) holder: PushHolder,
    /// The services that this node has a way to.
    pub(super) services: Vec<PushService>,
    pub(super) reach: Reach,
    /// The secret that topics are made with.
    pub(super) topics: [u8; 32],
}

impl StoredOutbox {
    /// None when it can be pushed to no more: what may be reached was narrowed since it was stored.
    fn waiting(&self, leased: &LeasedPush) -> Option<Waiting> {
        Some(Waiting {
            id: PushId(u64::try_from(leased.key.0).ok()?),
            subscription: SubscriptionKey(u64::try_from(leased.subscription).ok()?),
            address: Address::from_stored(&leased.address, self.reach).ok()?,
            kind: leased.kind,
            topic: Topic::of(&self.topics, &leased.about),
            expires_at: leased.expires_at,
        })
    }
}

fn key(push: PushId) -> PushKey {
    PushKey(i64::try_from(push.0).unwrap_or(i64::MAX))
}

fn told(error: StorageError) -> OutboxError {
    tracing::error!(%error, "the pushes in the store cannot be reached");
    OutboxError
}

#[async_trait]
impl Outbox for StoredOutbox {
    async fn lease(&self, most: usize) -> Result<Vec<Waiting>, OutboxError> {
        let mut waiting = Vec::new();
        loop {
            let free = most.saturating_sub(waiting.len());
            let leased = self.database.lease_pushes(self.holder, self.services.clone(), free, LEASE).await;
            let leased = match leased.map_err(told) {
                Ok(leased) => leased,
                // Those of before are this node's already.
                Err(error) => return if waiting.is_empty() { Err(error) } else { Ok(waiting) },
            };
            if leased.is_empty() {
                return Ok(waiting);
            }
            let mut refused = Vec::new();
            for push in &leased {
                match self.waiting(push) {
                    Some(found) => waiting.push(found),
                    None => refused.push(PushAttempted {
                        push: push.key,
                        attempts: 0,
                        state: PushState::Refused,
                        error: Some(PushErrorKind::NotSendable.as_str()),
                    }),
                }
            }
            if !refused.is_empty()
                && let Err(error) = self.database.pushes_attempted(self.holder, refused).await
            {
                // Their leases run out, and they are looked at again.
                told(error);
                return Ok(waiting);
            }
        }
    }

    async fn renew(&self, pushes: &[PushId]) -> Result<Vec<PushId>, OutboxError> {
        let pushes = pushes.iter().copied().map(key).collect();
        let over = self.database.renew_pushes(self.holder, pushes, LEASE).await.map_err(told)?;
        Ok(over.into_iter().filter_map(|push| u64::try_from(push.0).ok().map(PushId)).collect())
    }

    async fn settle(&self, records: &[DeliveryRecord]) -> Result<(), OutboxError> {
        let attempted = records.iter().map(attempted).collect();
        self.database.pushes_attempted(self.holder, attempted).await.map_err(told)
    }

    async fn changed(&self) {
        self.database.signals().pushes().await;
    }
}

fn attempted(record: &DeliveryRecord) -> PushAttempted {
    let (state, error) = match record.outcome {
        Outcome::Sent => (PushState::Sent, None),
        Outcome::Again(kind) => (PushState::Waiting, Some(kind)),
        Outcome::Refused(kind) => (PushState::Refused, Some(kind)),
        Outcome::Gone => (PushState::Gone, Some(PushErrorKind::Gone)),
        Outcome::Late(kind) => (PushState::Late, kind),
        Outcome::Withdrawn => (PushState::Withdrawn, None),
    };
    PushAttempted {
        push: key(record.push),
        attempts: record.attempts,
        state,
        error: error.map(PushErrorKind::as_str),
    }
}
