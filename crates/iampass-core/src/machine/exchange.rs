//! The one request that a machine has under way.
//!
//! Belongs here: telling the awaited answer from a stray one, and giving up. Does not belong here: what is asked, and when.

use std::time::Duration;

use super::calls::UnsignedCall;
use super::io::{Outgoing, Output, Pause, RequestId, WaitReason};
use crate::{Draw, Now};

/// How long a machine waits for one answer before it gives the request up.
pub(super) const ANSWER_LIMIT: Duration = Duration::from_secs(15);

#[derive(Debug, Default)]
pub(super) struct Exchange {
    under_way: Option<UnderWay>,
}

#[derive(Debug, Clone, Copy)]
struct UnderWay {
    id: RequestId,
    sent_at: Now,
}

impl Exchange {
    /// Signs a call and gives it out. A request that was under way is given up.
    pub(super) fn send<E>(&mut self, call: &UnsignedCall, now: Now, draw: Draw) -> Output<E> {
        // The nonce names the request: no two of any machine share one.
        let id = RequestId(draw.nonce().value());
        self.under_way = Some(UnderWay { id, sent_at: now });
        Output::Send(Outgoing { id, request: call.sign(draw.nonce(), now.wall) })
    }

    /// When the request was sent that this answer belongs to, or `None` for an answer that is not awaited any more.
    /// It is no longer waited for after this.
    pub(super) fn accept(&mut self, id: RequestId, now: Now) -> Option<Now> {
        if self.is_lost(now) {
            return None;
        }
        let awaited = self.under_way.take_if(|under_way| under_way.id == id)?;
        Some(awaited.sent_at)
    }

    /// Whether an answer has been waited for long enough. True once.
    pub(super) fn give_up(&mut self, now: Now) -> bool {
        self.is_lost(now) && self.under_way.take().is_some()
    }

    fn is_lost(&self, now: Now) -> bool {
        self.under_way.is_some_and(|under_way| under_way.sent_at.mono + ANSWER_LIMIT <= now.mono)
    }

    /// Forgets the request; its answer will be a stray one.
    pub(super) fn abandon(&mut self) {
        self.under_way = None;
    }

    /// The wait for the answer, if one is awaited.
    pub(super) fn pause(&self) -> Option<Pause> {
        let under_way = self.under_way?;
        Some(Pause { until: under_way.sent_at.mono + ANSWER_LIMIT, reason: WaitReason::Answer })
    }
}
