//! How much of the window each may fill.

use std::collections::BTreeMap;

use super::{IdDigest, digest};

/// One of so many parts of the window is a share's own, and another one is kept free of those who have more than their own.
const PARTS: usize = 4;

/// Names the part of a [`super::ReplayWindow`] that a nonce is counted to. Ids that belong to one application are counted to one share, so
/// that it cannot fill the window through them.
///
/// ```
/// use iampass_core::signing::{DEFAULT_WINDOW, Nonce, Refusal, ReplayWindow, Share};
/// # use iampass_core::signing::UsedNonces;
/// use iampass_core::UnixSeconds;
///
/// let now = UnixSeconds(1_700_000_000);
/// let mut used = UsedNonces::default();
/// used.add_in(Share::numbered(1), "SESSION-1", Nonce::new(1), now);
/// used.add_in(Share::numbered(1), "SESSION-2", Nonce::new(1), now);
/// let (mut seen, without_room) = ReplayWindow::after_restart(DEFAULT_WINDOW, 8, used, now);
/// assert_eq!((seen.len(), without_room), (2, 0));
/// assert_eq!(seen.remember("OTHER", Nonce::new(1), now, now), Ok(()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share(u64);

impl Share {
    /// The share of an id that has its own.
    #[must_use]
    pub fn of_id(id: &str) -> Self {
        Self::of_digest(digest(id))
    }

    pub(super) const fn of_digest(id: IdDigest) -> Self {
        Self(u64::from_be_bytes(id))
    }

    /// The share with this number. The numbers are the caller's; they do not meet the shares of ids but by chance, one in 2^64.
    #[must_use]
    pub const fn numbered(number: u64) -> Self {
        Self(number)
    }
}

/// How many nonces are remembered, by id and by share.
#[derive(Debug)]
pub(super) struct Shares {
    capacity: usize,
    /// An id keeps its share for as long as a nonce of it is remembered.
    of_id: BTreeMap<IdDigest, (Share, usize)>,
    of_share: BTreeMap<Share, usize>,
}

impl Shares {
    pub(super) fn of(capacity: usize) -> Self {
        Self { capacity, of_id: BTreeMap::new(), of_share: BTreeMap::new() }
    }

    /// The share that an id is counted to.
    pub(super) fn share_of(&self, share: Share, id: IdDigest) -> Share {
        self.of_id.get(&id).map_or(share, |(share, _)| *share)
    }

    /// Counts one nonce where `all` are remembered; false when there is no room for it.
    pub(super) fn add(&mut self, share: Share, id: IdDigest, all: usize) -> bool {
        let of_share = self.of_share.get(&share).copied().unwrap_or_default();
        let has_room = has_room(self.capacity, of_share, all);
        if has_room {
            self.restore(share, id, 1);
        }
        has_room
    }

    /// Counts nonces that there is room for.
    pub(super) fn restore(&mut self, share: Share, id: IdDigest, count: usize) {
        self.of_id.entry(id).or_insert((share, 0)).1 += count;
        *self.of_share.entry(share).or_default() += count;
    }

    /// Counts one nonce less.
    pub(super) fn remove(&mut self, id: IdDigest) {
        let Some((share, of_id)) = self.of_id.get_mut(&id) else { return };
        let share = *share;
        *of_id = of_id.saturating_sub(1);
        if *of_id == 0 {
            self.of_id.remove(&id);
        }
        if let Some(of_share) = self.of_share.get_mut(&share) {
            *of_share = of_share.saturating_sub(1);
            if *of_share == 0 {
                self.of_share.remove(&share);
            }
        }
    }

    /// How many ids have nonces here.
    #[cfg(test)]
    pub(super) fn ids(&self) -> usize {
        self.of_id.len()
    }

    /// Whether nothing is counted.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.of_id.is_empty() && self.of_share.is_empty()
    }
}

/// Whether there is room for one more of a share. A share that has its own part gets more only while a part is free for others, so that it
/// never takes the last of the room from those who have less.
pub(super) fn has_room(capacity: usize, of_share: usize, all: usize) -> bool {
    let part = capacity.div_ceil(PARTS);
    all < capacity && (of_share < part || all.saturating_add(part) < capacity)
}
