//! [`Queue`]: what is sent when. It does no I/O: the time, chance and the outcomes of attempts come in as arguments.
//!
//! A push is good until its question ends. Before that it is tried again after 1 s, 2 s, 4 s and so on up to 30 s, a fifth more or less, and never
//! before the push service has asked for it.
//!
//! The order of calls: [`Queue::add`] what there is; [`Queue::next`] until there is none, and send each; [`Queue::ended`] for each that has come
//! back; [`Queue::settled`] until there is none. Again when something comes, or at [`Queue::wake_at`].

mod servers;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use iampass_core::machine::Backoff;
use iampass_core::{Draw, Monotonic, Now, UnixSeconds};
use iampass_server_domain::push::{AfterRefusal, PushError, PushErrorKind, PushKind};

use crate::address::Address;
pub use crate::port::SubscriptionKey;
use crate::port::{PushId, PushRequest};
use crate::topic::Topic;
pub use servers::Limits;
use servers::{ServerId, Servers, Showing, Slot};

const BACKOFF: Backoff = {
    let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30)).growing_by_percent(200);
    backoff.jitter_percent = 20;
    backoff
};

/// A push that is to go out.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Names it.
    pub id: PushId,
    /// The subscription that the address is of.
    pub subscription: SubscriptionKey,
    /// Where the phone is.
    pub address: Address,
    /// The reason for which it is woken.
    pub kind: PushKind,
    /// Replaces a waiting push of the same topic.
    pub topic: Topic,
    /// When it is worth nothing any more: the question's end.
    pub expires_at: UnixSeconds,
}

/// An attempt to make now.
#[derive(Clone, Debug)]
#[must_use = "an attempt that is not made holds its slot for ever"]
pub struct Attempt {
    /// The push.
    pub push: Arc<Waiting>,
    /// How long it is worth delivering.
    pub ttl: Duration,
}

impl Attempt {
    /// The request to the port.
    #[must_use]
    pub fn request(&self, now: UnixSeconds) -> PushRequest<'_> {
        let Waiting { id, ref address, kind, topic, .. } = *self.push;
        PushRequest { id, address, kind, topic, ttl: self.ttl, now }
    }
}

/// The outcome of a push or of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The push service took it.
    Sent,
    /// It did not, and there will be another attempt.
    Again(PushErrorKind),
    /// It did not, and will not.
    Refused(PushErrorKind),
    /// The phone has left this subscription.
    Gone,
    /// Its time was over before it was taken; the reason of the last attempt, if there was one.
    Late(Option<PushErrorKind>),
    /// It was of no use any more before it was taken.
    Withdrawn,
}

/// A push, and what became of it.
#[derive(Clone, Debug)]
pub struct Settled {
    /// The push.
    pub push: Arc<Waiting>,
    /// How often it was tried.
    pub attempts: u32,
    /// Its outcome.
    pub outcome: Outcome,
}

#[derive(Debug)]
struct Entry {
    push: Arc<Waiting>,
    server: ServerId,
    attempts: u32,
    last_error: Option<PushErrorKind>,
    expires: Monotonic,
    state: State,
}

#[derive(Debug)]
enum State {
    Ready,
    Delayed { until: Monotonic },
    Out { slot: Slot, is_withdrawn: bool },
}

/// The event at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    Expires(PushId),
    Retry(PushId),
    Release(ServerId),
}

/// The pushes of one node.
#[derive(Debug)]
pub struct Queue {
    limits: Limits,
    entries: HashMap<PushId, Entry>,
    servers: Servers,
    timers: BTreeSet<(Monotonic, Timer)>,
    settled: VecDeque<Settled>,
}

impl Default for Queue {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl Queue {
    /// Nothing waits yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let (entries, timers) = (HashMap::new(), BTreeSet::new());
        Self { limits, entries, servers: Servers::new(limits), timers, settled: VecDeque::new() }
    }

    /// How many wait or are on their way.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many more may be added.
    #[must_use]
    pub fn room(&self) -> usize {
        self.limits.waiting.saturating_sub(self.entries.len())
    }

    /// Whether some wait that cannot go out now: their push services have not taken the ones before, or have asked for time.
    #[must_use]
    pub fn is_held_up(&self) -> bool {
        self.entries.len() > self.servers.out()
    }

    /// Their names.
    pub fn ids(&self) -> impl Iterator<Item = PushId> {
        self.entries.keys().copied()
    }

    /// Takes a push in, unless it is there already.
    pub fn add(&mut self, push: Waiting, now: Now) {
        if self.entries.contains_key(&push.id) {
            return;
        }
        let (id, push) = (push.id, Arc::new(push));
        if push.expires_at <= now.wall {
            self.settled.push_back(Settled { push, attempts: 0, outcome: Outcome::Late(None) });
            return;
        }
        let expires = now.mono + push.expires_at.since(now.wall);
        let server = self.servers.add(push.address.server());
        let entry = Entry { push, server, attempts: 0, last_error: None, expires, state: State::Ready };
        self.entries.insert(id, entry);
        self.timers.insert((expires, Timer::Expires(id)));
        self.servers.ready(server, id);
    }

    /// The push is of no use any more: its question is answered, or its subscription gone. One that is on its way is not tried again.
    pub fn withdraw(&mut self, id: PushId) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        match &mut entry.state {
            State::Out { is_withdrawn, .. } => *is_withdrawn = true,
            State::Ready | State::Delayed { .. } => self.end(id, Outcome::Withdrawn),
        }
    }

    /// The next attempt to make, until there is none for now.
    #[must_use]
    pub fn next(&mut self, now: Now) -> Option<Attempt> {
        self.ring_timers(now.mono);
        let entries = &self.entries;
        let is_ready = |id| entries.get(&id).is_some_and(|entry: &Entry| matches!(entry.state, State::Ready));
        let (id, slot) = self.servers.next(now.mono, is_ready)?;
        let entry = self.entries.get_mut(&id)?;
        entry.state = State::Out { slot, is_withdrawn: false };
        entry.attempts = entry.attempts.saturating_add(1);
        Some(Attempt { push: Arc::clone(&entry.push), ttl: entry.expires.since(now.mono) })
    }

    /// An attempt has come back.
    pub fn ended(&mut self, id: PushId, result: Result<(), PushError>, now: Now, draw: Draw) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        let State::Out { slot, is_withdrawn } = entry.state else { return };
        let showing = showing(result);
        let (server, subscription) = (entry.server, entry.push.subscription);
        if let Some(until) = self.servers.ended(server, slot, subscription, showing, now.mono) {
            self.timers.insert((until, Timer::Release(server)));
        }
        let Err(error) = result else { return self.end(id, Outcome::Sent) };
        entry.last_error = Some(error.kind());
        match error.kind().then() {
            AfterRefusal::DropSubscription => self.end(id, Outcome::Gone),
            AfterRefusal::DropPush => self.end(id, Outcome::Refused(error.kind())),
            AfterRefusal::TryAgain if is_withdrawn => self.end(id, Outcome::Withdrawn),
            AfterRefusal::TryAgain => {
                let own = BACKOFF.wait(entry.attempts.saturating_sub(1), draw);
                let until = now.mono + own.max(error.retry_after().unwrap_or_default());
                if until >= entry.expires {
                    return self.end(id, Outcome::Late(Some(error.kind())));
                }
                entry.state = State::Delayed { until };
                let (push, attempts) = (Arc::clone(&entry.push), entry.attempts);
                self.timers.insert((until, Timer::Retry(id)));
                self.settled.push_back(Settled { push, attempts, outcome: Outcome::Again(error.kind()) });
            }
        }
    }

    /// The outcomes since the last time, one after the other.
    #[must_use]
    pub fn settled(&mut self) -> Option<Settled> {
        self.settled.pop_front()
    }

    /// When there may be another attempt to make, if nothing comes in before.
    #[must_use]
    pub fn wake_at(&self) -> Monotonic {
        self.timers.first().map_or(Monotonic::NEVER, |(at, _)| *at)
    }

    fn ring_timers(&mut self, now: Monotonic) {
        while let Some(&(at, timer)) = self.timers.first()
            && at <= now
        {
            self.timers.pop_first();
            match timer {
                Timer::Expires(id) => {
                    let Some(entry) = self.entries.get(&id) else { continue };
                    // One that is on its way may be taken yet.
                    if !matches!(entry.state, State::Out { .. }) {
                        let outcome = Outcome::Late(entry.last_error);
                        self.end(id, outcome);
                    }
                }
                Timer::Retry(id) => {
                    if let Some(entry) = self.entries.get_mut(&id) {
                        entry.state = State::Ready;
                        self.servers.ready(entry.server, id);
                    }
                }
                Timer::Release(server) => {
                    if self.servers.is_held_until(server, at) {
                        self.servers.released(server);
                    }
                }
            }
        }
    }

    fn end(&mut self, id: PushId, outcome: Outcome) {
        let Some(entry) = self.entries.remove(&id) else { return };
        self.timers.remove(&(entry.expires, Timer::Expires(id)));
        if let State::Delayed { until } = entry.state {
            self.timers.remove(&(until, Timer::Retry(id)));
        }
        self.servers.remove(entry.server);
        self.settled.push_back(Settled { push: entry.push, attempts: entry.attempts, outcome });
    }
}

/// The sign that an outcome is of the server.
fn showing(result: Result<(), PushError>) -> Showing {
    use PushErrorKind as K;
    match result.map_err(|error| (error.kind(), error.retry_after())) {
        Err((K::Busy, retry_after)) => Showing::Busy { retry_after },
        Err((K::Unreachable | K::Timeout | K::Broken, _)) => Showing::Failed,
        _ => Showing::Answered,
    }
}
