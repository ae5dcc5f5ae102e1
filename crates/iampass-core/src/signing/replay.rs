//! The nonces that have been used.

mod forgotten;
mod shares;
mod used_nonces;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::{Nonce, Presented, Refusal};
use crate::UnixSeconds;
pub use forgotten::{ForgottenTimes, InvalidForgottenTimes};
pub use shares::Share;
use shares::Shares;
pub use used_nonces::UsedNonces;

/// Remembers each nonce of each id for as long as its timestamp could be accepted, and refuses it for that long.
///
/// It is a plain structure: no clock, no lock, no I/O. Memory is bounded by `capacity` nonces (about 65 bytes each at most); a
/// full window refuses new requests rather than forget a nonce. A [`Share`] that has a quarter of it gets more only while another quarter is
/// free, so that the others still get in. An id has a share of its own where none is named. Feed it only requests whose signature has been verified, or
/// strangers could fill it.
///
/// ```
/// use iampass_core::signing::{DEFAULT_WINDOW, Nonce, Refusal, ReplayWindow};
/// use iampass_core::UnixSeconds;
///
/// let now = UnixSeconds(1_700_000_000);
/// let mut seen = ReplayWindow::new(DEFAULT_WINDOW, 1_000_000);
/// assert_eq!(seen.remember("ABCD", Nonce::new(1), now, now), Ok(()));
/// assert_eq!(seen.remember("ABCD", Nonce::new(1), now, now), Err(Refusal::Replayed));
/// assert_eq!(seen.remember("EFGH", Nonce::new(1), now, now), Ok(()));
/// ```
#[derive(Debug)]
pub struct ReplayWindow {
    window: Duration,
    capacity: usize,
    seen: BTreeSet<Seen>,
    by_timestamp: BTreeMap<UnixSeconds, Vec<Seen>>,
    /// How many of each id and of each share are remembered.
    shares: Shares,
    /// Up to which time nonces of a share were left out after a restart, for want of room.
    left_out: BTreeMap<Share, UnixSeconds>,
    /// A clock that is set back must not make the window accept again what it has forgotten.
    forgotten: ForgottenTimes,
}

/// An id of any length in 8 bytes, since most of the memory is for these. Two ids that share them would only be refused each other's nonces.
type IdDigest = [u8; 8];

/// In the order of the ids, so that what is of one lies together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    id: IdDigest,
    nonce: Nonce,
}

impl Seen {
    fn of(id: &str, nonce: Nonce) -> Self {
        Self { id: digest(id), nonce }
    }
}

fn digest(id: &str) -> IdDigest {
    <[u8; 32]>::from(Sha256::digest(id)).first_chunk().copied().unwrap_or_default()
}

impl ReplayWindow {
    /// A window of `window` either way, as given to [`Presented::verify`], with room for `capacity` nonces.
    #[must_use]
    pub fn new(window: Duration, capacity: usize) -> Self {
        Self {
            window,
            capacity,
            seen: BTreeSet::new(),
            by_timestamp: BTreeMap::new(),
            shares: Shares::of(capacity),
            left_out: BTreeMap::new(),
            forgotten: ForgottenTimes::default(),
        }
    }

    /// Remembers the nonce of a request whose signature has been verified.
    ///
    /// # Errors
    /// As [`ReplayWindow::remember`].
    pub fn accept(&mut self, presented: &Presented<'_>, now: UnixSeconds) -> Result<(), Refusal> {
        self.remember(presented.id(), presented.nonce(), presented.timestamp(), now)
    }

    /// The same, with the nonce counted to `share`, which is the same for every request of the id.
    ///
    /// # Errors
    /// As [`ReplayWindow::remember`].
    pub fn accept_in(
        &mut self,
        share: Share,
        presented: &Presented<'_>,
        now: UnixSeconds,
    ) -> Result<(), Refusal> {
        let seen = Seen::of(presented.id(), presented.nonce());
        self.remember_seen(share, seen, presented.timestamp(), now)
    }

    /// Remembers a nonce of `id`, signed at `timestamp`.
    ///
    /// # Errors
    /// [`Refusal::Replayed`] when it is there already, [`Refusal::WindowFull`] when there is no room to remember it,
    /// [`Refusal::TooOld`] when its timestamp has left the window, [`Refusal::ClockSetBack`] when nonces of that time have been forgotten,
    /// and then the clock was set back.
    pub fn remember(
        &mut self,
        id: &str,
        nonce: Nonce,
        timestamp: UnixSeconds,
        now: UnixSeconds,
    ) -> Result<(), Refusal> {
        self.remember_seen(Share::of_id(id), Seen::of(id, nonce), timestamp, now)
    }

    fn remember_seen(
        &mut self,
        share: Share,
        seen: Seen,
        timestamp: UnixSeconds,
        now: UnixSeconds,
    ) -> Result<(), Refusal> {
        self.forget_expired(now);
        let age = now.since(timestamp);
        if age > self.window {
            return Err(Refusal::TooOld { by: age, window: self.window });
        }
        if self.forgotten.contains(timestamp) {
            return Err(Refusal::ClockSetBack);
        }
        if self.seen.contains(&seen) {
            return Err(Refusal::Replayed);
        }
        let share = self.shares.share_of(share, seen.id);
        // It may be one of those that were left out.
        let may_be_left_out = self.left_out.get(&share).is_some_and(|until| timestamp <= *until);
        if may_be_left_out || !self.shares.add(share, seen.id, self.seen.len()) {
            return Err(Refusal::WindowFull);
        }
        self.seen.insert(seen);
        self.by_timestamp.entry(timestamp).or_default().push(seen);
        Ok(())
    }

    /// Forgets the nonce of a request for which nothing was done, and whose signature has turned out not to be good: it was verified by a secret
    /// that is not the signer's any more. The nonce can be accepted again then, as if the request had never come.
    ///
    /// ```
    /// use iampass_core::signing::{DEFAULT_WINDOW, Nonce, ReplayWindow};
    /// use iampass_core::UnixSeconds;
    ///
    /// let now = UnixSeconds(1_700_000_000);
    /// let mut seen = ReplayWindow::new(DEFAULT_WINDOW, 1_000_000);
    /// seen.remember("ABCD", Nonce::new(1), now, now).unwrap();
    /// seen.take_back("ABCD", Nonce::new(1), now);
    /// assert!(seen.is_empty());
    /// assert_eq!(seen.remember("ABCD", Nonce::new(1), now, now), Ok(()));
    /// ```
    pub fn take_back(&mut self, id: &str, nonce: Nonce, timestamp: UnixSeconds) {
        let seen = Seen::of(id, nonce);
        let Some(of_time) = self.by_timestamp.get_mut(&timestamp) else { return };
        // The same nonce may have been signed for another time: that request is another one.
        let Some(place) = of_time.iter().rposition(|one| *one == seen) else { return };
        of_time.swap_remove(place);
        if of_time.is_empty() {
            self.by_timestamp.remove(&timestamp);
        }
        self.seen.remove(&seen);
        self.shares.remove(seen.id);
    }

    /// A window that remembers nonces which were accepted before it was there, millions of them in a second or two; and how many there was no
    /// room for.
    ///
    /// Those without room are older than all that are remembered of their share. Requests of the share that are not younger are refused until
    /// that time has left the window, so nothing is replayed.
    ///
    /// Nonces that have left the window by `now` are known to be forgotten from then on, in case the clock is ahead and will be set back. If
    /// [`UsedNonces::without`] says which nonces are missing, requests of all other times are accepted then. If not, all times before the
    /// window count as forgotten.
    ///
    /// ```
    /// use iampass_core::signing::{DEFAULT_WINDOW, Nonce, Refusal, ReplayWindow, UsedNonces};
    /// use iampass_core::UnixSeconds;
    ///
    /// let now = UnixSeconds(1_700_000_000);
    /// let mut used = UsedNonces::default();
    /// used.add("ABCD", Nonce::new(1), now);
    /// let (mut seen, without_room) = ReplayWindow::after_restart(DEFAULT_WINDOW, 1_000_000, used, now);
    /// assert_eq!(without_room, 0);
    /// assert_eq!(seen.remember("ABCD", Nonce::new(1), now, now), Err(Refusal::Replayed));
    /// ```
    #[must_use]
    pub fn after_restart(
        window: Duration,
        capacity: usize,
        used: UsedNonces,
        now: UnixSeconds,
    ) -> (Self, usize) {
        let mut new = Self::new(window, capacity);
        let oldest = UnixSeconds(now.0.saturating_sub(window.as_secs()));
        new.forgotten = used.missing().cloned().unwrap_or_else(|| ForgottenTimes::before(oldest));
        let without_room = new.fill(used, now);
        (new, without_room)
    }

    fn fill(&mut self, mut used: UsedNonces, now: UnixSeconds) -> usize {
        let dropped = used.retain_since(now, self.window);
        self.forgotten.extend(&dropped, self.window);
        let all = used.len();
        self.left_out = used.leave_out_what_has_no_room(self.capacity);
        // In order, so nothing is looked up: it takes a tenth of the time.
        for (id, count) in used.of_each_id() {
            self.shares.restore(used.share_of(id), id, count);
        }
        self.seen = used.in_order().iter().map(|(seen, _)| *seen).collect();
        for &(seen, timestamp) in used.in_order() {
            self.by_timestamp.entry(timestamp).or_default().push(seen);
        }
        all - self.seen.len()
    }

    /// Forgets what cannot be accepted any more. Called by every other method; on its own it only frees memory.
    pub fn forget_expired(&mut self, now: UnixSeconds) {
        let Self { window, forgotten, left_out, .. } = self;
        left_out.retain(|_, until| {
            let is_over = now.since(*until) > *window;
            if is_over {
                forgotten.add(*until, *until, *window);
            }
            !is_over
        });
        while let Some(oldest) = self.by_timestamp.first_entry() {
            if now.since(*oldest.key()) <= self.window {
                break;
            }
            self.forgotten.add(*oldest.key(), *oldest.key(), self.window);
            for seen in oldest.remove() {
                self.seen.remove(&seen);
                self.shares.remove(seen.id);
            }
        }
    }

    /// Whether requests that are signed at `now` are refused because nonces of that time have been forgotten: the clock ran ahead and was
    /// set back. It is not so after a step ahead that is taken back, unless the clock is still behind what was signed before the step.
    #[must_use]
    pub fn has_forgotten(&self, now: UnixSeconds) -> bool {
        self.forgotten.contains(now)
    }

    /// The last time whose requests are refused because of that. None if those of `now` are not.
    #[must_use]
    pub fn forgotten_until(&self, now: UnixSeconds) -> Option<UnixSeconds> {
        self.forgotten.until(now)
    }

    /// How many nonces are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// Whether none is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }
}

#[cfg(test)]
mod tests;
