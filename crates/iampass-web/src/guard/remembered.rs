//! [`Remembered`]: the sessions that a node knows, by their cookies and by their tokens. Belongs here: finding them, and how many there are at most.
//! Does not belong here: whether a session may be used.
//!
//! Each request looks here, so a look changes nothing but the counter of a lock that is one of many. When a session was wanted last stands in the
//! session itself.

use std::hash::BuildHasher as _;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry as Place;
use iampass_core::{Monotonic, Now, SessionToken};

use super::live::LiveSession;

/// The most sessions that one node keeps in mind, of half a kilobyte each. Others are found again when their cookie comes.
pub(super) const MOST: usize = 1 << 20;

/// For how long a session is kept in mind that nobody asks for.
const IDLE: Duration = Duration::from_secs(30 * 60);

/// How often a part of a table is cleared of such sessions, while new ones come.
const BETWEEN_SWEEPS: Duration = Duration::from_secs(60);

/// The parts of a table, each with its lock.
const SHARDS: usize = 64;

/// When a part is full, one in so many of its sessions is forgotten: those that nobody has asked for the longest.
const FORGOTTEN_AT_ONCE: usize = 16;

/// The sessions that a node knows.
pub(super) struct Remembered {
    /// A fast one: nobody can put values of their choice in here, since all were sealed by an application's node.
    hasher: RandomState,
    by_token: Shards<Arc<LiveSession>>,
    by_cookie: Shards<OfCookie>,
}

impl Remembered {
    /// Room for so many.
    pub(super) fn new(most: usize) -> Self {
        let hasher = RandomState::default();
        let (by_token, by_cookie) = (Shards::new(most, &hasher), Shards::new(most, &hasher));
        Self { hasher, by_token, by_cookie }
    }

    /// The session of a cookie of this value, which was opened before.
    pub(super) fn by_cookie(&self, value: &str) -> Option<Arc<LiveSession>> {
        let key = CookieKey::of(value, &self.hasher)?;
        self.by_cookie.get(key.hash, |of| of.key == key).filter(|live| !is_lost(live))
    }

    pub(super) fn by_token(&self, token: &SessionToken) -> Option<Arc<LiveSession>> {
        self.by_token.get(self.hash(token), |live| live.token() == token)
    }

    /// Remembers that a cookie of this value leads to the session. It has been opened, so it was sealed by an application's node.
    pub(super) fn insert_cookie(&self, value: &str, live: &Arc<LiveSession>, now: Now) {
        let Some(key) = CookieKey::of(value, &self.hasher) else { return };
        let of = OfCookie { key, live: Arc::clone(live) };
        self.by_cookie.change(key.hash, now, |shard, hasher| {
            match shard.entry(key.hash, |of| of.key == key, |of| of.hash(hasher)) {
                Place::Occupied(mut place) => *place.get_mut() = of,
                Place::Vacant(place) => drop(place.insert(of)),
            }
        });
    }

    /// The session of this token; one that `make` makes, if there is none. Of several callers at once one makes it, and all have the same.
    pub(super) fn get_or_insert(
        &self,
        token: &SessionToken,
        now: Now,
        make: impl FnOnce() -> LiveSession,
    ) -> Arc<LiveSession> {
        let hash = self.hash(token);
        self.by_token.change(hash, now, |shard, hasher| {
            let place = shard.entry(hash, |live| live.token() == token, |live| live.hash(hasher));
            Arc::clone(place.or_insert_with(|| Arc::new(make())).get())
        })
    }

    /// Remembers a session, in place of any of the same token.
    pub(super) fn insert(&self, live: Arc<LiveSession>, now: Now) {
        let hash = self.hash(live.token());
        self.by_token.change(hash, now, |shard, hasher| {
            match shard.entry(hash, |other| other.token() == live.token(), |live| live.hash(hasher)) {
                Place::Occupied(mut place) => std::mem::replace(place.get_mut(), live).forget(),
                Place::Vacant(place) => drop(place.insert(live)),
            }
        });
    }

    /// Forgets the session of this token, by all its cookies, and gives it back.
    pub(super) fn forget(&self, token: &SessionToken) -> Option<Arc<LiveSession>> {
        let live = self.by_token.remove(self.hash(token), |live| live.token() == token)?;
        live.forget();
        Some(live)
    }

    fn hash(&self, token: &SessionToken) -> u64 {
        self.hasher.hash_one(token.as_str())
    }
}

/// Whether a session is not the one any more that its token stands for, so that a logout does not find it. An ended one may be found all the same.
fn is_lost(live: &LiveSession) -> bool {
    live.is_forgotten() && !live.has_ended()
}

/// The short form of a cookie's value: its hash, by a key that nobody knows, and its end. The end is in base64 and has the whole tag of the sealed
/// value, 16 bytes that cannot be guessed. So a value of this form is the one that was opened.
#[derive(Clone, Copy, PartialEq, Eq)]
struct CookieKey {
    hash: u64,
    end: [u8; 24],
}

impl CookieKey {
    /// `None`: it is too short for a sealed value.
    fn of(value: &str, hasher: &RandomState) -> Option<Self> {
        let end = value.as_bytes().last_chunk()?;
        Some(Self { hash: hasher.hash_one(value), end: *end })
    }
}

struct OfCookie {
    key: CookieKey,
    live: Arc<LiveSession>,
}

/// An entry of a table.
trait Entry {
    fn live(&self) -> &Arc<LiveSession>;

    fn hash(&self, hasher: &RandomState) -> u64;

    /// It is taken out of the table, since it is idle or there are too many.
    fn is_dropped(&self);
}

impl Entry for Arc<LiveSession> {
    fn live(&self) -> &Arc<LiveSession> {
        self
    }

    fn hash(&self, hasher: &RandomState) -> u64 {
        hasher.hash_one(self.token().as_str())
    }

    fn is_dropped(&self) {
        self.forget();
    }
}

impl Entry for OfCookie {
    fn live(&self) -> &Arc<LiveSession> {
        &self.live
    }

    fn hash(&self, _: &RandomState) -> u64 {
        self.key.hash
    }

    /// The session stays: its cookie is opened again.
    fn is_dropped(&self) {}
}

/// A table in parts.
struct Shards<E> {
    shards: Vec<RwLock<Shard<E>>>,
    /// One more, so that there is a part for each hash.
    last: RwLock<Shard<E>>,
    most_each: usize,
    hasher: RandomState,
}

struct Shard<E> {
    entries: HashTable<E>,
    swept_at: Monotonic,
}

impl<E: Entry> Shards<E> {
    fn new(most: usize, hasher: &RandomState) -> Self {
        let shard = || RwLock::new(Shard { entries: HashTable::new(), swept_at: Monotonic::ORIGIN });
        let shards = (1..SHARDS).map(|_| shard()).collect();
        let most_each = most.div_ceil(SHARDS).max(1);
        Self { shards, last: shard(), most_each, hasher: hasher.clone() }
    }

    /// The part for this hash. A part's table goes by the lowest and the highest bits, so these are others.
    fn shard(&self, hash: u64) -> &RwLock<Shard<E>> {
        let place = usize::try_from((hash >> 40) % SHARDS as u64).unwrap_or_default();
        self.shards.get(place).unwrap_or(&self.last)
    }

    fn get(&self, hash: u64, is: impl Fn(&E) -> bool) -> Option<Arc<LiveSession>> {
        // Each change leaves the table whole, so a panic elsewhere while the lock was held does no harm.
        let shard = self.shard(hash).read().unwrap_or_else(PoisonError::into_inner);
        shard.entries.find(hash, is).map(|entry| Arc::clone(entry.live()))
    }

    fn remove(&self, hash: u64, is: impl Fn(&E) -> bool) -> Option<E> {
        let mut shard = self.shard(hash).write().unwrap_or_else(PoisonError::into_inner);
        Some(shard.entries.find_entry(hash, is).ok()?.remove().0)
    }

    /// Changes the part for this hash, after making room in it.
    fn change<T>(&self, hash: u64, now: Now, change: impl FnOnce(&mut HashTable<E>, &RandomState) -> T) -> T {
        let mut shard = self.shard(hash).write().unwrap_or_else(PoisonError::into_inner);
        if shard.entries.len() >= self.most_each || now.mono.since(shard.swept_at) >= BETWEEN_SWEEPS {
            shard.sweep(self.most_each, now, &self.hasher);
        }
        change(&mut shard.entries, &self.hasher)
    }
}

impl<E: Entry> Shard<E> {
    /// Drops what nobody asks for, and of what is left the idlest, if it is full.
    fn sweep(&mut self, most: usize, now: Now, hasher: &RandomState) {
        self.swept_at = now.mono;
        self.drop_where(|live| is_lost(live) || live.idle_for(now) >= IDLE);
        if self.entries.len() >= most {
            let mut idle: Vec<_> = self.entries.iter().map(|entry| entry.live().idle_for(now)).collect();
            let kept = most - most.div_ceil(FORGOTTEN_AT_ONCE);
            let mut surplus = idle.len().saturating_sub(kept);
            let place = kept.min(idle.len().saturating_sub(1));
            let (_, bound, _) = idle.select_nth_unstable(place);
            let bound = *bound;
            self.drop_where(|live| {
                let is_dropped = surplus > 0 && live.idle_for(now) >= bound;
                surplus -= usize::from(is_dropped);
                is_dropped
            });
        }
        // After a day with many sessions the room for them is given back.
        if self.entries.capacity() > 4 * self.entries.len() {
            self.entries.shrink_to(2 * self.entries.len(), |entry| entry.hash(hasher));
        }
    }

    fn drop_where(&mut self, mut is_dropped: impl FnMut(&LiveSession) -> bool) {
        self.entries.retain(|entry| {
            let is_dropped = is_dropped(entry.live());
            if is_dropped {
                entry.is_dropped();
            }
            !is_dropped
        });
    }
}

#[cfg(test)]
mod tests;
