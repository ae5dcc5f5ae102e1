//! How often something may be done, by key and by network address.
//!
//! Belongs here: counting in memory that is bounded. Does not belong here: what is counted, and what is answered to somebody who has to
//! wait. The caller passes the time, so nothing here reads a clock.

mod addresses;
mod table;

use std::hash::Hash;
use std::time::Duration;

pub use addresses::AddressLimiter;

use crate::Monotonic;
use table::Table;

/// How often something may be done: a bucket that holds `burst` and gets one back each time `every` has passed.
///
/// A burst of [`u32::MAX`], or an `every` of zero, is no limit. A burst of zero allows nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// So many at once.
    pub burst: u32,
    /// And one more each time this has passed.
    pub every: Duration,
}

impl Rate {
    /// No limit.
    pub const UNLIMITED: Self = Self { burst: u32::MAX, every: Duration::ZERO };

    /// `burst` at once, and `per_minute` in the long run; each at least one, since a limit of nothing at all is no limit but an end.
    #[must_use]
    pub fn per_minute(per_minute: u32, burst: u32) -> Self {
        Self { burst: burst.max(1), every: Duration::from_secs(60) / per_minute.max(1) }
    }

    /// Whether it limits nothing.
    #[must_use]
    pub fn is_unlimited(&self) -> bool {
        self.burst == u32::MAX || self.every.is_zero()
    }

    /// As much as `factor` of these together.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use iampass_core::rate_limit::Rate;
    ///
    /// let rate = Rate { burst: 3, every: Duration::from_secs(10) };
    /// assert_eq!(rate.times(5), Rate { burst: 15, every: Duration::from_secs(2) });
    /// ```
    #[must_use]
    pub fn times(self, factor: u32) -> Self {
        if self.is_unlimited() || factor == 0 {
            return self;
        }
        // Rounding down to zero would make it no limit.
        let every = (self.every / factor).max(Duration::from_nanos(1));
        Self { burst: self.burst.saturating_mul(factor).min(u32::MAX - 1), every }
    }
}

/// Counts by key. It holds a bounded number of keys (65,536, in 1.8 MB, made when the first one comes).
///
/// A key that has used something is never evicted. When there is no place for a new key, it shares one bucket with the other keys that
/// found none, so a flood of keys makes limits tighter and never looser. A key is kept as its hash under a random key of this process:
/// nothing of it stays in memory, and no caller can choose where it falls.
#[derive(Debug)]
pub struct RateLimiter {
    rate: Rate,
    table: Table,
}

impl RateLimiter {
    /// So often for each key.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self { rate, table: Table::new() }
    }

    /// Counts one.
    ///
    /// # Errors
    /// How long to wait for the next, when this one is too many. Then it is not counted.
    pub fn take(&self, key: impl Hash, now: Monotonic) -> Result<(), Duration> {
        self.table.take(self.rate, key, now)
    }

    /// Takes one back that was counted.
    pub fn give_back(&self, key: impl Hash, now: Monotonic) {
        self.table.give_back(self.rate, key, now);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: u64) -> Monotonic {
        Monotonic::from_origin(Duration::from_secs(seconds))
    }

    fn three_and_one_a_minute() -> RateLimiter {
        RateLimiter::new(Rate { burst: 3, every: Duration::from_secs(60) })
    }

    #[test]
    fn a_burst_is_allowed_and_then_one_at_a_time() {
        let limiter = three_and_one_a_minute();
        for _ in 0..3 {
            assert_eq!(limiter.take("a", at(100)), Ok(()));
        }
        assert_eq!(limiter.take("a", at(100)), Err(Duration::from_secs(60)));
        assert_eq!(limiter.take("a", at(130)), Err(Duration::from_secs(30)));
        assert_eq!(limiter.take("b", at(130)), Ok(()), "another one is not held up");
        assert_eq!(limiter.take("a", at(160)), Ok(()));
        assert_eq!(limiter.take("a", at(160)), Err(Duration::from_secs(60)));
        for _ in 0..3 {
            assert_eq!(limiter.take("a", at(1_000)), Ok(()));
        }
        assert!(limiter.take("a", at(1_000)).is_err(), "no more is saved up than the burst");
    }

    #[test]
    fn what_is_given_back_can_be_taken_again_and_no_more() {
        let limiter = three_and_one_a_minute();
        for _ in 0..10 {
            assert_eq!(limiter.take("a", at(100)), Ok(()));
            limiter.give_back("a", at(100));
        }
        limiter.give_back("a", at(100));
        limiter.give_back("nobody", at(100));
        for _ in 0..3 {
            assert_eq!(limiter.take("a", at(100)), Ok(()));
        }
        assert!(limiter.take("a", at(100)).is_err());
    }

    #[test]
    fn no_limit_is_none_and_nothing_is_nothing() {
        for none in [
            Rate::UNLIMITED,
            Rate { burst: u32::MAX, every: Duration::from_secs(60) },
            Rate { burst: 0, every: Duration::ZERO },
        ] {
            let limiter = RateLimiter::new(none);
            assert!((0..10_000).all(|_| limiter.take("a", at(1)).is_ok()), "{none:?}");
        }
        let nothing = RateLimiter::new(Rate { burst: 0, every: Duration::from_secs(1) });
        assert!(nothing.take("a", at(1)).is_err());
    }

    proptest! {
        /// Whatever the rate and the time: it neither panics nor lets more through than it says.
        #[test]
        fn any_rate_is_kept(
            burst in prop_oneof![0_u32..20, any::<u32>(), Just(u32::MAX)],
            every in prop_oneof![0_u64..5, any::<u64>(), Just(u64::MAX)],
            nanos in 0_u32..1_000_000_000,
            now in prop_oneof![0_u64..100, 0..u64::MAX / 2],
            factor in prop_oneof![0_u32..70, any::<u32>()],
        ) {
            let rate = Rate { burst, every: Duration::new(every, nanos) };
            let limiter = RateLimiter::new(rate);
            let let_in = (0..64).filter(|_| limiter.take("a", at(now)).is_ok()).count();
            limiter.give_back("a", at(now));
            let _ = RateLimiter::new(rate.times(factor)).take("a", at(now));
            if rate.is_unlimited() {
                prop_assert_eq!(let_in, 64);
            } else if burst > 0 {
                prop_assert!(let_in <= burst as usize);
            }
        }
    }

    #[test]
    fn a_million_keys_free_nobody_who_is_held_back() {
        let limiter = three_and_one_a_minute();
        let held_back: Vec<String> = (0..100).map(|number| format!("held back {number}")).collect();
        for key in &held_back {
            while limiter.take(key, at(100)).is_ok() {}
        }
        // Each of the others uses all that it may, so none of them is a better one to evict.
        for number in 0..1_000_000_u32 {
            while limiter.take(number, at(100)).is_ok() {}
        }
        let free = held_back.iter().filter(|key| limiter.take(key, at(100)).is_ok()).count();
        assert_eq!(free, 0);
        assert!(
            limiter.take("a late one", at(100)).is_err(),
            "there is no place, so it shares what is used up"
        );
        // All of it is over in time.
        assert_eq!(limiter.take("a late one", at(300)), Ok(()));
    }
}
