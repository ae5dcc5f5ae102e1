//! [`Table`]: counters by key, in memory that never grows.
//!
//! The table is cut into small sets. A set has places for some keys, and one bucket that is shared by the keys for which no place is free.

use std::hash::{BuildHasher as _, Hash, RandomState};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use super::Rate;
use crate::Monotonic;

const SETS: u64 = 8_192;
const KEYS_OF_A_SET: usize = 8;

/// A longer time between two is taken for this one: 136 years.
const LONGEST: Duration = Duration::from_secs(u32::MAX as u64);

#[derive(Debug)]
pub(super) struct Table {
    hashes: RandomState,
    sets: OnceLock<Box<[Mutex<Set>]>>,
}

#[derive(Clone, Copy, Debug)]
struct Set {
    places: [Counter; KEYS_OF_A_SET],
    /// Of the keys that found no place. It fills like the bucket of one key.
    shared: Counter,
}

/// The whole state of a bucket that fills steadily.
#[derive(Clone, Copy, Debug)]
struct Counter {
    hash: u64,
    /// When all of what was used is there again. From then on the counter holds nothing that has to be remembered.
    full_at: Monotonic,
}

impl Counter {
    const UNUSED: Self = Self { hash: 0, full_at: Monotonic::ORIGIN };
}

impl Set {
    const UNUSED: Self = Self { places: [Counter::UNUSED; KEYS_OF_A_SET], shared: Counter::UNUSED };

    /// The counter of this key: its own, or an unused place, or the shared one.
    fn counter(&mut self, hash: u64, now: Monotonic) -> &mut Counter {
        let own = self.places.iter().position(|place| place.hash == hash && place.full_at > now);
        let own = own.or_else(|| self.places.iter().position(|place| place.full_at <= now));
        match own.and_then(|at| self.places.get_mut(at)) {
            Some(place) => {
                if place.full_at <= now {
                    *place = Counter { hash, full_at: now };
                }
                place
            }
            None => &mut self.shared,
        }
    }
}

impl Table {
    pub(super) fn new() -> Self {
        Self { hashes: RandomState::new(), sets: OnceLock::new() }
    }

    /// Counts one for `key` at this rate, or says how long to wait. One key is always counted at one rate.
    pub(super) fn take(&self, rate: Rate, key: impl Hash, now: Monotonic) -> Result<(), Duration> {
        if rate.is_unlimited() {
            return Ok(());
        }
        let hash = self.hashes.hash_one(key);
        let Some(mut set) = self.set(hash) else { return Err(rate.every.min(LONGEST)) };
        let counter = set.counter(hash, now);
        // So a sum of them never comes to the bound of what a duration can be, where one more would make no difference.
        let every = rate.every.min(LONGEST);
        let used = counter.full_at.max(now).since(now).saturating_add(every);
        let room = every.saturating_mul(rate.burst);
        if used > room {
            return Err(used - room);
        }
        counter.full_at = now + used;
        Ok(())
    }

    /// Takes one back. Of the shared bucket nothing is taken back: it may be another key's.
    pub(super) fn give_back(&self, rate: Rate, key: impl Hash, now: Monotonic) {
        let hash = self.hashes.hash_one(key);
        let Some(mut set) = self.set(hash) else { return };
        if let Some(counter) = set.places.iter_mut().find(|place| place.hash == hash && place.full_at > now) {
            counter.full_at = now + counter.full_at.since(now).saturating_sub(rate.every.min(LONGEST));
        }
    }

    fn set(&self, hash: u64) -> Option<MutexGuard<'_, Set>> {
        let sets = self.sets.get_or_init(|| (0..SETS).map(|_| Mutex::new(Set::UNUSED)).collect());
        let set = sets.get(usize::try_from(hash % SETS).ok()?)?;
        Some(set.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_no_more_room_than_it_says() {
        assert!(size_of::<Mutex<Set>>() * usize::try_from(SETS).unwrap() < 2 * 1024 * 1024);
    }

    #[test]
    fn a_place_is_free_again_when_nothing_is_left_to_remember() {
        let at = |seconds| Monotonic::from_origin(Duration::from_secs(seconds));
        let mut set = Set::UNUSED;
        for hash in 1..=8 {
            set.counter(hash, at(1)).full_at = at(10 + hash);
        }
        assert_eq!(set.counter(9, at(2)).hash, Counter::UNUSED.hash, "it has no place");
        assert_eq!(set.counter(3, at(2)).full_at, at(13), "those who have one keep it");
        assert_eq!(set.counter(9, at(11)).hash, 9, "the first is free");
        assert_eq!(set.counter(2, at(11)).full_at, at(12));
    }
}
