//! [`Servers`]: which push service may have the next message, so that a slow one holds up no other.
//!
//! A server is given a few messages at a time, and more with each that it takes quickly. Servers that have not shown to be quick share a part of
//! all slots: a stranger who puts up hundreds of hanging servers has that part and no more.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use iampass_core::Monotonic;

use crate::port::{PushId, SubscriptionKey};

/// A server that takes longer is slow.
const QUICK: Duration = Duration::from_secs(2);
/// So many pushes a server is given at first, and after it was slow.
const FIRST_WIDTH: usize = 4;
/// So many subscriptions in a row that are told to wait mean that the server as a whole has too much. One phone's alone must not hold up
/// the others: a stranger can make its own push service say anything for its own phone.
const BUSY_IN_A_ROW: u32 = 5;
/// No server is left alone for longer.
const LONGEST_HOLD: Duration = Duration::from_secs(60);

/// How much is sent side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// In all.
    pub at_once: usize,
    /// To one server that is quick.
    pub to_one: usize,
    /// To all servers that have not shown to be quick.
    pub to_slow: usize,
    /// Pushes that wait in memory or are on their way. Each takes up to 2 KiB.
    pub waiting: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { at_once: 256, to_one: 64, to_slow: 128, waiting: 20_000 }
    }
}

/// Names a server inside the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct ServerId(u32);

/// How an attempt went, as far as it tells about the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Showing {
    /// It answered.
    Answered,
    /// It asked for patience.
    Busy { retry_after: Option<Duration> },
    /// It gave no answer, or reported trouble.
    Failed,
}

/// How a slot was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    since: Monotonic,
    is_quick: bool,
}

#[derive(Debug)]
struct Server {
    name: Arc<str>,
    /// Those that can go out, in their order. Some may be gone meanwhile.
    ready: VecDeque<PushId>,
    /// How many pushes there are for it, in all states.
    pushes: usize,
    out: usize,
    width: usize,
    busy_in_a_row: u32,
    last_busy: Option<SubscriptionKey>,
    held_until: Option<Monotonic>,
    is_in_ring: bool,
}

impl Server {
    const fn is_quick(&self) -> bool {
        self.width > FIRST_WIDTH
    }
}

/// All servers for which there are pushes.
#[derive(Debug)]
pub(super) struct Servers {
    limits: Limits,
    names: HashMap<Arc<str>, ServerId>,
    servers: HashMap<ServerId, Server>,
    next_id: u32,
    /// Servers with something to send and room for it: the quick ones, the others.
    rings: [VecDeque<ServerId>; 2],
    turn: usize,
    out: usize,
    out_slow: usize,
}

impl Servers {
    pub(super) fn new(limits: Limits) -> Self {
        let rings = [VecDeque::new(), VecDeque::new()];
        let (names, servers) = (HashMap::new(), HashMap::new());
        Self { limits, names, servers, next_id: 0, rings, turn: 0, out: 0, out_slow: 0 }
    }

    /// How many are on their way.
    pub(super) fn out(&self) -> usize {
        self.out
    }

    /// Takes a push for the server of this name.
    pub(super) fn add(&mut self, name: &str) -> ServerId {
        let id = self.names.get(name).copied().unwrap_or_else(|| {
            let id = ServerId(self.next_id);
            self.next_id = self.next_id.wrapping_add(1);
            let name: Arc<str> = name.into();
            self.names.insert(Arc::clone(&name), id);
            let server = Server {
                name,
                ready: VecDeque::new(),
                pushes: 0,
                out: 0,
                width: FIRST_WIDTH,
                busy_in_a_row: 0,
                last_busy: None,
                held_until: None,
                is_in_ring: false,
            };
            self.servers.insert(id, server);
            id
        });
        if let Some(server) = self.servers.get_mut(&id) {
            server.pushes += 1;
        }
        id
    }

    /// A push can go out.
    pub(super) fn ready(&mut self, id: ServerId, push: PushId) {
        if let Some(server) = self.servers.get_mut(&id) {
            server.ready.push_back(push);
        }
        self.enlist(id);
    }

    /// A push is over.
    pub(super) fn remove(&mut self, id: ServerId) {
        if let Some(server) = self.servers.get_mut(&id) {
            server.pushes = server.pushes.saturating_sub(1);
        }
        self.forget_idle(id);
    }

    /// The time of holding a server is over.
    pub(super) fn released(&mut self, id: ServerId) {
        if let Some(server) = self.servers.get_mut(&id) {
            server.held_until = None;
        }
        self.enlist(id);
        self.forget_idle(id);
    }

    fn forget_idle(&mut self, id: ServerId) {
        let is_idle = |server: &Server| server.pushes == 0 && server.held_until.is_none();
        if self.servers.get(&id).is_some_and(is_idle)
            && let Some(server) = self.servers.remove(&id)
        {
            self.names.remove(&server.name);
        }
    }

    fn enlist(&mut self, id: ServerId) {
        let Some(server) = self.servers.get_mut(&id) else { return };
        let has_room = server.out < server.width && server.held_until.is_none();
        if has_room && !server.is_in_ring && !server.ready.is_empty() {
            server.is_in_ring = true;
            let ring = usize::from(!server.is_quick());
            if let Some(ring) = self.rings.get_mut(ring) {
                ring.push_back(id);
            }
        }
    }

    /// The next push to go out, and its slot: the first of its server's for which `is_ready` says yes. The others are gone.
    pub(super) fn next(
        &mut self,
        now: Monotonic,
        is_ready: impl Fn(PushId) -> bool,
    ) -> Option<(PushId, Slot)> {
        if self.out >= self.limits.at_once {
            return None;
        }
        self.turn ^= 1;
        for ring in [self.turn, self.turn ^ 1] {
            let is_quick = ring == 0;
            if !is_quick && self.out_slow >= self.limits.to_slow {
                continue;
            }
            while let Some(id) = self.rings.get_mut(ring).and_then(VecDeque::pop_front) {
                let Some(server) = self.servers.get_mut(&id) else { continue };
                server.is_in_ring = false;
                if server.is_quick() != is_quick {
                    self.enlist(id);
                    continue;
                }
                if server.out >= server.width || server.held_until.is_some() {
                    continue;
                }
                let Some(push) = std::iter::from_fn(|| server.ready.pop_front()).find(|&push| is_ready(push))
                else {
                    continue;
                };
                server.out += 1;
                self.out += 1;
                self.out_slow += usize::from(!is_quick);
                self.enlist(id);
                return Some((push, Slot { since: now, is_quick }));
            }
        }
        None
    }

    /// A slot is free again. If the server is left alone from now on: until when.
    pub(super) fn ended(
        &mut self,
        id: ServerId,
        slot: Slot,
        subscription: SubscriptionKey,
        showing: Showing,
        now: Monotonic,
    ) -> Option<Monotonic> {
        self.out = self.out.saturating_sub(1);
        self.out_slow = self.out_slow.saturating_sub(usize::from(!slot.is_quick));
        let server = self.servers.get_mut(&id)?;
        server.out = server.out.saturating_sub(1);
        let is_quick = now.since(slot.since) <= QUICK;
        let mut held = None;
        match showing {
            Showing::Answered if is_quick => {
                server.width = (server.width + 1).min(self.limits.to_one);
                server.busy_in_a_row = 0;
            }
            Showing::Busy { retry_after } => {
                if server.last_busy.replace(subscription) != Some(subscription) {
                    server.busy_in_a_row = server.busy_in_a_row.saturating_add(1);
                }
                if server.busy_in_a_row >= BUSY_IN_A_ROW {
                    let wait = retry_after.unwrap_or(QUICK).clamp(Duration::from_secs(1), LONGEST_HOLD);
                    // A server that is held already is held no shorter.
                    if server.held_until.is_none_or(|until| until < now + wait) {
                        held = Some(now + wait);
                        server.held_until = held;
                    }
                }
                server.width = (server.width / 2).max(FIRST_WIDTH);
            }
            Showing::Answered | Showing::Failed => server.width = (server.width / 2).max(FIRST_WIDTH),
        }
        self.enlist(id);
        held
    }

    /// Whether the time at which a hold was to end is still its end.
    pub(super) fn is_held_until(&self, id: ServerId, at: Monotonic) -> bool {
        self.servers.get(&id).is_some_and(|server| server.held_until == Some(at))
    }
}
