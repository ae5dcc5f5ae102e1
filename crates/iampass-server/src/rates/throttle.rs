//! [`Throttle`]: counters by key, in a table that never grows.
//!
//! A key is kept as its hash under a random key of this process, so nothing of it stays in memory and nobody can choose where it falls. The
//! table is cut into small sets; a new key takes the place of the one in its set that has least to wait for. So a flood of keys pushes out
//! those that could go on anyway before those that are being held back. A cache by frequency of use would need an allocation for
//! each key, and a clock of its own beside the service's.

use std::hash::{BuildHasher as _, Hash, RandomState};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use iampass_core::Monotonic;

use super::Rate;

const SETS: u64 = 8_192;
const KEYS_OF_A_SET: usize = 8;

#[derive(Debug)]
pub(super) struct Throttle {
    rate: Rate,
    hashes: RandomState,
    /// Made when the first key comes: 1.6 MB.
    sets: OnceLock<Box<[Set]>>,
}

type Set = Mutex<[Counter; KEYS_OF_A_SET]>;

/// The whole state of a bucket that fills steadily.
#[derive(Clone, Copy, Debug)]
struct Counter {
    hash: u64,
    /// When all of what was used is there again. Before that lies nothing that has to be remembered.
    full_at: Monotonic,
}

impl Counter {
    const UNUSED: Self = Self { hash: 0, full_at: Monotonic::ORIGIN };
}

impl Throttle {
    pub(super) fn new(rate: Rate) -> Self {
        Self { rate, hashes: RandomState::new(), sets: OnceLock::new() }
    }

    /// Counts one, or says how long to wait for the next.
    pub(super) fn take(&self, key: impl Hash, now: Monotonic) -> Result<(), Duration> {
        let hash = self.hashes.hash_one(key);
        let Some(mut set) = self.set(hash) else { return Ok(()) };
        let known = set.iter().find(|counter| counter.hash == hash);
        let full_at = known.map_or(now, |counter| counter.full_at.max(now));
        let used = full_at.since(now).saturating_add(self.rate.every);
        let room = self.rate.every.saturating_mul(self.rate.burst);
        if used > room {
            return Err(used - room);
        }
        let place = if known.is_some() {
            set.iter_mut().find(|counter| counter.hash == hash)
        } else {
            set.iter_mut().min_by_key(|counter| counter.full_at)
        };
        if let Some(place) = place {
            *place = Counter { hash, full_at: now + used };
        }
        Ok(())
    }

    /// Takes one back that was counted.
    pub(super) fn give_back(&self, key: impl Hash, now: Monotonic) {
        let hash = self.hashes.hash_one(key);
        let Some(mut set) = self.set(hash) else { return };
        if let Some(counter) = set.iter_mut().find(|counter| counter.hash == hash) {
            counter.full_at = now + counter.full_at.since(now).saturating_sub(self.rate.every);
        }
    }

    fn set(&self, hash: u64) -> Option<MutexGuard<'_, [Counter; KEYS_OF_A_SET]>> {
        let sets = self
            .sets
            .get_or_init(|| (0..SETS).map(|_| Mutex::new([Counter::UNUSED; KEYS_OF_A_SET])).collect());
        let set = sets.get(usize::try_from(hash % SETS).ok()?)?;
        Some(set.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Monotonic {
        Monotonic::from_origin(Duration::from_secs(seconds))
    }

    fn three_and_one_a_minute() -> Throttle {
        Throttle::new(Rate { burst: 3, every: Duration::from_secs(60) })
    }

    #[test]
    fn a_burst_is_allowed_and_then_one_at_a_time() {
        let throttle = three_and_one_a_minute();
        for _ in 0..3 {
            assert_eq!(throttle.take("a", at(100)), Ok(()));
        }
        assert_eq!(throttle.take("a", at(100)), Err(Duration::from_secs(60)));
        assert_eq!(throttle.take("a", at(130)), Err(Duration::from_secs(30)));
        assert_eq!(throttle.take("b", at(130)), Ok(()), "another one is not held up");
        assert_eq!(throttle.take("a", at(160)), Ok(()));
        assert_eq!(throttle.take("a", at(160)), Err(Duration::from_secs(60)));
        for _ in 0..3 {
            assert_eq!(throttle.take("a", at(1_000)), Ok(()));
        }
        assert!(throttle.take("a", at(1_000)).is_err(), "no more is saved up than the burst");
    }

    #[test]
    fn what_is_given_back_can_be_taken_again_and_no_more() {
        let throttle = three_and_one_a_minute();
        for _ in 0..10 {
            assert_eq!(throttle.take("a", at(100)), Ok(()));
            throttle.give_back("a", at(100));
        }
        throttle.give_back("a", at(100));
        throttle.give_back("nobody", at(100));
        for _ in 0..3 {
            assert_eq!(throttle.take("a", at(100)), Ok(()));
        }
        assert!(throttle.take("a", at(100)).is_err());
    }

    #[test]
    fn a_million_keys_take_no_more_room_and_free_nobody_who_is_held_back() {
        let throttle = three_and_one_a_minute();
        let held_back: Vec<String> = (0..100).map(|number| format!("held back {number}")).collect();
        for key in &held_back {
            while throttle.take(key, at(100)).is_ok() {}
        }
        for number in 0..1_000_000_u32 {
            let _ = throttle.take(number, at(100));
        }
        let sets = throttle.sets.get().unwrap();
        let bytes = size_of_val(&**sets);
        assert!(bytes < 2 * 1024 * 1024, "{bytes}");
        let free = held_back.iter().filter(|key| throttle.take(key, at(100)).is_ok()).count();
        assert_eq!(free, 0, "each of the others has used less");
    }
}
