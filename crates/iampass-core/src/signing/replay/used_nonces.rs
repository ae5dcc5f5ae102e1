//! [`UsedNonces`]: the nonces known from the time before a restart.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::shares::has_room;
use super::{ForgottenTimes, IdDigest, Seen, Share};
use crate::UnixSeconds;
use crate::signing::Nonce;

/// Nonces that were accepted before, in any order: those known after a restart, to be given to
/// [`super::ReplayWindow::after_restart`].
#[derive(Debug, Default)]
pub struct UsedNonces {
    used: Vec<(Seen, UnixSeconds)>,
    shares: BTreeMap<IdDigest, Share>,
    missing: Option<ForgottenTimes>,
}

impl UsedNonces {
    /// None yet, of which those that were signed at these times are missing, and no others.
    #[must_use]
    pub fn without(missing: ForgottenTimes) -> Self {
        Self { missing: Some(missing), ..Self::default() }
    }

    /// Adds a nonce of `id`, signed at `timestamp`. One may be added more than once.
    pub fn add(&mut self, id: &str, nonce: Nonce, timestamp: UnixSeconds) {
        self.add_in(Share::of_id(id), id, nonce, timestamp);
    }

    /// The same, counted to `share`. All nonces of one id are counted to one share: the first that was named.
    pub fn add_in(&mut self, share: Share, id: &str, nonce: Nonce, timestamp: UnixSeconds) {
        let seen = Seen::of(id, nonce);
        self.shares.entry(seen.id).or_insert(share);
        self.used.push((seen, timestamp));
    }

    pub(super) fn missing(&self) -> Option<&ForgottenTimes> {
        self.missing.as_ref()
    }

    /// Puts them in order, without those that have left the window by `now`. Of one that is there with several times, which takes a step of the
    /// clock, the latest stays. Gives the times of all that do not stay.
    pub(super) fn retain_since(&mut self, now: UnixSeconds, window: Duration) -> ForgottenTimes {
        let mut dropped = BTreeSet::new();
        self.used.retain(|&(_, timestamp)| {
            let stays = now.since(timestamp) <= window;
            if !stays {
                dropped.insert(timestamp);
            }
            stays
        });
        self.used.sort_unstable_by_key(|&(seen, timestamp)| (seen, Reverse(timestamp)));
        self.used.dedup_by(|&mut (seen, timestamp), (latest, latest_timestamp)| {
            let is_same = seen == *latest;
            if is_same && timestamp != *latest_timestamp {
                dropped.insert(timestamp);
            }
            is_same
        });
        let mut forgotten = ForgottenTimes::default();
        for time in dropped {
            forgotten.add(time, time, window);
        }
        forgotten
    }

    /// Drops the nonces that there is no room for, the oldest of each share first; the order stays. Returns the latest time that was
    /// dropped, by share.
    pub(super) fn leave_out_what_has_no_room(&mut self, capacity: usize) -> BTreeMap<Share, UnixSeconds> {
        let mut left_out = BTreeMap::new();
        // With a part free there is room for anything.
        if has_room(capacity, usize::MAX, self.used.len()) {
            return left_out;
        }
        self.used.sort_unstable_by_key(|(_, timestamp)| Reverse(*timestamp));
        let mut counted = BTreeMap::new();
        let mut all = 0;
        let Self { used, shares, missing: _ } = self;
        used.retain(|(seen, timestamp)| {
            let share = share_of(shares, seen.id);
            let of_share = counted.entry(share).or_insert(0);
            let is_kept = has_room(capacity, *of_share, all);
            if is_kept {
                *of_share += 1;
                all += 1;
            } else {
                left_out.entry(share).or_insert(*timestamp);
            }
            is_kept
        });
        used.sort_unstable();
        left_out
    }

    pub(super) fn of_each_id(&self) -> impl Iterator<Item = (IdDigest, usize)> {
        let of_one_id = |one: &(Seen, UnixSeconds), other: &(Seen, UnixSeconds)| one.0.id == other.0.id;
        self.used.chunk_by(of_one_id).filter_map(|of| Some((of.first()?.0.id, of.len())))
    }

    pub(super) fn share_of(&self, id: IdDigest) -> Share {
        share_of(&self.shares, id)
    }

    pub(super) fn in_order(&self) -> &[(Seen, UnixSeconds)] {
        &self.used
    }

    pub(super) fn len(&self) -> usize {
        self.used.len()
    }
}

fn share_of(shares: &BTreeMap<IdDigest, Share>, id: IdDigest) -> Share {
    shares.get(&id).copied().unwrap_or_else(|| Share::of_digest(id))
}
