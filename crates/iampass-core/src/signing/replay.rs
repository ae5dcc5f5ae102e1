//! The nonces that have been used.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::{Nonce, Presented, Refusal};
use crate::UnixSeconds;

/// Remembers each nonce of each id for as long as its timestamp could be accepted, and refuses it for that long.
///
/// It is a plain structure: no clock, no lock, no I/O. Memory is bounded by `capacity` nonces (about 65 bytes each at most); a
/// full window refuses new requests rather than forget a nonce, and one id alone can fill a quarter of it, so that the others
/// still get in. Feed it only requests whose signature has been verified, or strangers could fill it.
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
    /// How many of each id are remembered.
    of_id: BTreeMap<IdDigest, usize>,
    /// The highest time seen. A clock that is set back must not make the window forget, nor accept again.
    latest: UnixSeconds,
}

/// One id fills at most one of so many parts of the window.
const SHARES: usize = 4;

/// An id of any length in 8 bytes, since most of the memory is for these. Two ids that share them would only be refused each other's nonces.
type IdDigest = [u8; 8];

/// In the order of the ids, so that what is of one lies together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    id: IdDigest,
    nonce: Nonce,
}

fn of_one_id(one: &(Seen, UnixSeconds), other: &(Seen, UnixSeconds)) -> bool {
    one.0.id == other.0.id
}

impl Seen {
    fn of(id: &str, nonce: Nonce) -> Self {
        let digest = <[u8; 32]>::from(Sha256::digest(id));
        Self { id: digest.first_chunk().copied().unwrap_or_default(), nonce }
    }
}

/// Nonces that were accepted before, in any order: what is known of them after a restart, to be given to
/// [`ReplayWindow::after_restart`].
#[derive(Debug, Default)]
pub struct UsedNonces(Vec<(Seen, UnixSeconds)>);

impl UsedNonces {
    /// Adds a nonce of `id`, signed at `timestamp`. One may be added more than once.
    pub fn add(&mut self, id: &str, nonce: Nonce, timestamp: UnixSeconds) {
        self.0.push((Seen::of(id, nonce), timestamp));
    }
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
            of_id: BTreeMap::new(),
            latest: UnixSeconds(0),
        }
    }

    /// Remembers the nonce of a request whose signature has been verified.
    ///
    /// # Errors
    /// As [`ReplayWindow::remember`].
    pub fn accept(&mut self, presented: &Presented<'_>, now: UnixSeconds) -> Result<(), Refusal> {
        self.remember(presented.id(), presented.nonce(), presented.timestamp(), now)
    }

    /// Remembers a nonce of `id`, signed at `timestamp`.
    ///
    /// # Errors
    /// [`Refusal::Replayed`] when it is there already, [`Refusal::WindowFull`] when there is no room to remember it,
    /// [`Refusal::TooOld`] when its timestamp has left the window, as it may after the clock was set back.
    pub fn remember(
        &mut self,
        id: &str,
        nonce: Nonce,
        timestamp: UnixSeconds,
        now: UnixSeconds,
    ) -> Result<(), Refusal> {
        self.forget_expired(now);
        let age = self.latest.since(timestamp);
        if age > self.window {
            return Err(Refusal::TooOld { by: age, window: self.window });
        }
        let seen = Seen::of(id, nonce);
        if self.seen.contains(&seen) {
            return Err(Refusal::Replayed);
        }
        let share = self.share();
        let of_id = self.of_id.entry(seen.id).or_default();
        if self.seen.len() >= self.capacity || *of_id >= share {
            if *of_id == 0 {
                self.of_id.remove(&seen.id);
            }
            return Err(Refusal::WindowFull);
        }
        *of_id += 1;
        self.seen.insert(seen);
        self.by_timestamp.entry(timestamp).or_default().push(seen);
        Ok(())
    }

    /// A window that remembers nonces which were accepted before it was there, millions of them in a second or two; and how many there was no
    /// room for.
    ///
    /// Those without room are older than all that are remembered of their id, or of all ids where the whole window is full: before there is
    /// room for another one, their timestamps have left the window, and nothing is replayed.
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
        new.latest = now;
        let without_room = new.fill(used);
        (new, without_room)
    }

    fn fill(&mut self, used: UsedNonces) -> usize {
        let UsedNonces(mut used) = used;
        used.retain(|(_, timestamp)| self.latest.since(*timestamp) <= self.window);
        // Of those that are there twice, the one that stays longest.
        used.sort_unstable_by_key(|&(seen, timestamp)| (seen, Reverse(timestamp)));
        used.dedup_by_key(|(seen, _)| *seen);
        let all = used.len();
        self.leave_out_what_has_no_room(&mut used);
        // In order, so nothing is looked up: it takes a tenth of the time.
        self.of_id = used.chunk_by(of_one_id).filter_map(|of| Some((of.first()?.0.id, of.len()))).collect();
        self.seen = used.iter().map(|(seen, _)| *seen).collect();
        let without_room = all - used.len();
        for (seen, timestamp) in used {
            self.by_timestamp.entry(timestamp).or_default().push(seen);
        }
        without_room
    }

    /// The oldest of each id, then of all; the order stays.
    fn leave_out_what_has_no_room(&self, used: &mut Vec<(Seen, UnixSeconds)>) {
        let share = self.share();
        let all = used.len();
        for of_id in used.chunk_by_mut(of_one_id).filter(|of_id| of_id.len() > share) {
            of_id.sort_unstable_by_key(|(_, timestamp)| Reverse(*timestamp));
        }
        let mut counted = (None, 0);
        used.retain(|(seen, _)| {
            let before = if counted.0 == Some(seen.id) { counted.1 } else { 0 };
            counted = (Some(seen.id), before + 1);
            before < share
        });
        if used.len() > self.capacity {
            used.sort_unstable_by_key(|(_, timestamp)| Reverse(*timestamp));
            used.truncate(self.capacity);
        }
        if used.len() < all {
            used.sort_unstable();
        }
    }

    /// How many nonces of one id there is room for.
    fn share(&self) -> usize {
        self.capacity.div_ceil(SHARES)
    }

    /// Forgets what cannot be accepted any more. Called by every other method; on its own it only frees memory.
    pub fn forget_expired(&mut self, now: UnixSeconds) {
        self.latest = self.latest.max(now);
        while let Some(oldest) = self.by_timestamp.first_entry() {
            if self.latest.since(*oldest.key()) <= self.window {
                break;
            }
            for seen in oldest.remove() {
                self.seen.remove(&seen);
                self.forget_one_of(seen.id);
            }
        }
    }

    fn forget_one_of(&mut self, id: IdDigest) {
        if let Some(of_id) = self.of_id.get_mut(&id) {
            *of_id -= 1;
            if *of_id == 0 {
                self.of_id.remove(&id);
            }
        }
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WINDOW: Duration = Duration::from_secs(300);

    fn at(seconds: u64) -> UnixSeconds {
        UnixSeconds(1_000_000 + seconds)
    }

    #[test]
    fn a_nonce_from_the_future_is_refused_until_its_timestamp_has_passed_too() {
        let mut window = ReplayWindow::new(WINDOW, 10);
        assert_eq!(window.remember("A", Nonce::new(1), at(300), at(0)), Ok(()));
        assert_eq!(window.remember("A", Nonce::new(1), at(300), at(600)), Err(Refusal::Replayed));
        assert!(matches!(window.remember("A", Nonce::new(1), at(300), at(601)), Err(Refusal::TooOld { .. })));
        assert!(window.is_empty());
    }

    #[test]
    fn one_id_does_not_fill_the_window_for_the_others() {
        let mut window = ReplayWindow::new(WINDOW, 8);
        let remember = |window: &mut ReplayWindow, id: &str, nonce, seconds| {
            window.remember(id, Nonce::new(nonce), at(seconds), at(seconds))
        };
        for nonce in 0..2 {
            assert_eq!(remember(&mut window, "A", nonce, 0), Ok(()));
        }
        assert_eq!(remember(&mut window, "A", 2, 0), Err(Refusal::WindowFull));
        for id in ["B", "C", "D"] {
            assert_eq!(remember(&mut window, id, 0, 0), Ok(()));
            assert_eq!(remember(&mut window, id, 1, 0), Ok(()));
        }
        assert_eq!(remember(&mut window, "E", 0, 0), Err(Refusal::WindowFull), "all of it is in use");
        assert_eq!(
            remember(&mut window, "A", 2, 301),
            Ok(()),
            "and there is room when the old ones are gone"
        );
        assert_eq!((window.len(), window.of_id.len()), (1, 1));
    }

    #[test]
    fn a_full_window_refuses_rather_than_forgets() {
        let mut window = ReplayWindow::new(WINDOW, 8);
        assert!(window.remember("A", Nonce::new(1), at(0), at(0)).is_ok());
        assert!(window.remember("A", Nonce::new(2), at(0), at(0)).is_ok());
        assert_eq!(window.remember("A", Nonce::new(3), at(0), at(0)), Err(Refusal::WindowFull));
        assert_eq!(window.remember("A", Nonce::new(1), at(0), at(0)), Err(Refusal::Replayed));
        assert!(window.remember("A", Nonce::new(3), at(301), at(301)).is_ok());
        assert_eq!(window.len(), 1);
    }

    #[test]
    fn a_clock_set_back_does_not_reopen_the_window() {
        let mut window = ReplayWindow::new(WINDOW, 10);
        assert!(window.remember("A", Nonce::new(1), at(0), at(0)).is_ok());
        window.forget_expired(at(1000));
        assert!(matches!(window.remember("A", Nonce::new(1), at(0), at(0)), Err(Refusal::TooOld { .. })));
    }

    #[test]
    fn what_was_used_before_is_refused_for_as_long_as_what_is_used_now() {
        let mut used = UsedNonces::default();
        used.add("A", Nonce::new(1), at(0));
        used.add("A", Nonce::new(2), at(100));
        // Signed twice, so to say: the later one counts.
        used.add("A", Nonce::new(1), at(50));
        used.add("B", Nonce::new(1), at(10));
        let (mut window, without_room) = ReplayWindow::after_restart(WINDOW, 12, used, at(305));
        assert_eq!(without_room, 0);
        assert_eq!((window.len(), window.of_id.len()), (3, 2));
        assert_eq!(window.remember("A", Nonce::new(1), at(300), at(350)), Err(Refusal::Replayed));
        assert_eq!(window.remember("A", Nonce::new(1), at(300), at(351)), Ok(()));
        assert_eq!(window.remember("B", Nonce::new(1), at(351), at(351)), Ok(()), "its time is over");
        window.forget_expired(at(1_000));
        assert!(window.is_empty() && window.of_id.is_empty());
    }

    proptest! {
        /// As if they had been accepted one by one, the latest first; and whatever there was no room for is refused until it cannot be
        /// replayed.
        #[test]
        fn what_was_used_before_is_not_accepted_again(
            used in proptest::collection::btree_map((0_u64..3, 0_u64..8), 0_u64..400, 0..24),
            capacity in 1_usize..40,
        ) {
            let mut latest_first: Vec<_> = used.into_iter().collect();
            latest_first.sort_by_key(|(_, timestamp)| Reverse(*timestamp));
            let mut one_by_one = ReplayWindow::new(WINDOW, capacity);
            let mut all = UsedNonces::default();
            let mut refused = 0;
            for &((id, nonce), timestamp) in &latest_first {
                let (id, nonce, timestamp) = (id.to_string(), Nonce::new(nonce), at(timestamp));
                all.add(&id, nonce, timestamp);
                let remembered = one_by_one.remember(&id, nonce, timestamp, at(400));
                refused += usize::from(remembered == Err(Refusal::WindowFull));
            }
            let (mut window, without_room) = ReplayWindow::after_restart(WINDOW, capacity, all, at(400));
            prop_assert_eq!(without_room, refused);
            prop_assert_eq!(window.len(), one_by_one.len());
            for now in 400..=701 {
                for &((id, nonce), timestamp) in &latest_first {
                    let again = window.remember(&id.to_string(), Nonce::new(nonce), at(timestamp), at(now));
                    prop_assert!(again.is_err(), "{} of {} at {}", nonce, id, now);
                }
            }
            prop_assert!(window.is_empty() && window.of_id.is_empty() && window.by_timestamp.is_empty());
        }

        /// Against the obvious model: a list of all that was ever accepted.
        #[test]
        fn nothing_is_accepted_twice(
            requests in proptest::collection::vec((0_u64..3, 0_u64..8, -320_i64..320, 0_u64..200), 1..200)
        ) {
            let mut window = ReplayWindow::new(WINDOW, 1_000);
            let mut accepted: Vec<(u64, u64, UnixSeconds)> = Vec::new();
            let mut now = at(1_000);
            for (id, nonce, offset, step) in requests {
                now = now.plus(Duration::from_secs(step));
                let timestamp = UnixSeconds(now.0.saturating_add_signed(offset));
                if now.since(timestamp) > WINDOW || timestamp.since(now) > WINDOW {
                    continue;
                }
                let live = accepted.iter().any(|&(i, n, t)| (i, n) == (id, nonce) && now.since(t) <= WINDOW);
                let result = window.remember(&id.to_string(), Nonce::new(nonce), timestamp, now);
                prop_assert_eq!(result.is_err(), live);
                if result.is_ok() {
                    accepted.push((id, nonce, timestamp));
                }
                let live_count = accepted.iter().filter(|&&(_, _, t)| now.since(t) <= WINDOW).count();
                prop_assert_eq!(window.len(), live_count);
            }
        }
    }
}
