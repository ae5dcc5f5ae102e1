//! [`Push`]: the port to whatever wakes a phone.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use iampass_core::UnixSeconds;
use iampass_server_domain::push::{PushError, PushKind};

use crate::address::Address;
use crate::topic::Topic;

/// One attempt to push.
#[derive(Clone, Copy, Debug)]
pub struct PushRequest<'a> {
    /// Names the push, not the attempt.
    pub id: PushId,
    /// Where the phone is.
    pub address: &'a Address,
    /// The reason for which it is woken.
    pub kind: PushKind,
    /// Replaces a waiting push of the same topic.
    pub topic: Topic,
    /// How long it is worth delivering.
    pub ttl: Duration,
    /// When this attempt is made.
    pub now: UnixSeconds,
}

impl PushRequest<'_> {
    /// When it is worth nothing any more.
    #[must_use]
    pub const fn expires_at(&self) -> UnixSeconds {
        self.now.plus(self.ttl)
    }
}

/// Names a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PushId(pub u64);

impl fmt::Display for PushId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Names the subscription of a phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubscriptionKey(pub u64);

/// Wakes phones by one way or several.
///
/// # Contract
/// * `Ok` is said only after the push service has taken the message.
/// * One call, one attempt: when to try again is for the queue to decide.
/// * An attempt ends by itself within 15 s.
/// * Nothing of the address is logged, nor told in errors.
#[async_trait]
pub trait Push: Send + Sync + fmt::Debug {
    /// Pushes once.
    ///
    /// # Errors
    /// [`PushError`] when the push service did not take it, or when that is not known.
    async fn push(&self, request: &PushRequest<'_>) -> Result<(), PushError>;
}
