//! How often logins may be started. Belongs here: the limits, and counting by address, in memory, on each node for itself. Does not belong
//! here: what is counted by user, for all nodes ([`crate::attempts`]).

use std::hash::Hash;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use iampass_core::Monotonic;
use moka::sync::Cache;

/// How many starts are allowed in what time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// So many at once.
    pub burst: u32,
    /// And one more each time this has passed.
    pub every: Duration,
}

/// The limits of login starts. What goes by a user is counted for all nodes together, what goes by address alone on each node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Questions to one user's phone that browsers ask for in which the user has never signed in: 10, and one more every 30 seconds.
    pub per_user: Rate,
    /// The same from one network (an IPv4 address, an IPv6 network of 56 bits): 5, and one more each minute. It is less than
    /// [`Limits::per_user`], so that one network cannot keep a user from signing in elsewhere.
    pub per_user_and_network: Rate,
    /// Questions that one browser asks for in which the user has signed in before: 10, and one more every 30 seconds.
    pub per_known_browser: Rate,
    /// Starts from one client address (an IPv6 network of 64 bits counts as one), whatever comes of them: 30, and one more every 10
    /// seconds.
    pub per_address: Rate,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            per_user: Rate { burst: 10, every: Duration::from_secs(30) },
            per_user_and_network: Rate { burst: 5, every: Duration::from_secs(60) },
            per_known_browser: Rate { burst: 10, every: Duration::from_secs(30) },
            per_address: Rate { burst: 30, every: Duration::from_secs(10) },
        }
    }
}

impl Limits {
    /// The same with another rate for one user, from all networks together. [`Limits::per_user_and_network`] stays as it is; where it is
    /// more, it means nothing.
    #[must_use]
    pub fn per_user(mut self, rate: Rate) -> Self {
        self.per_user = rate;
        self
    }

    /// The same with another rate for one user from one network.
    #[must_use]
    pub fn per_user_and_network(mut self, rate: Rate) -> Self {
        self.per_user_and_network = rate;
        self
    }

    /// The same with another rate for a browser in which the user has signed in before.
    #[must_use]
    pub fn per_known_browser(mut self, rate: Rate) -> Self {
        self.per_known_browser = rate;
        self
    }

    /// The same with another rate for one address.
    #[must_use]
    pub fn per_address(mut self, rate: Rate) -> Self {
        self.per_address = rate;
        self
    }
}

/// The most names or addresses that are counted at once.
const COUNTED: u64 = 100_000;

/// When all of what was used is there again, for each key: the whole state of a bucket that fills steadily.
type Full = Arc<Mutex<Monotonic>>;

/// All counters.
pub(crate) struct Throttles {
    pub(crate) limits: Limits,
    pub(crate) by_address: Throttle<IpAddr>,
}

impl Throttles {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, by_address: Throttle::new(limits.per_address) }
    }
}

pub(crate) struct Throttle<K> {
    rate: Rate,
    full_at: Cache<K, Full>,
}

impl<K: Hash + Eq + Send + Sync + 'static> Throttle<K> {
    pub(crate) fn new(rate: Rate) -> Self {
        let all_of_it = rate.every.saturating_mul(rate.burst);
        let full_at =
            Cache::builder().max_capacity(COUNTED).time_to_idle(all_of_it + Duration::from_secs(1)).build();
        Self { rate, full_at }
    }

    /// Counts one, or says how long to wait.
    pub(crate) fn take(&self, key: K, now: Monotonic) -> Result<(), Duration> {
        let full_at = self.full_at.get_with(key, || Arc::new(Mutex::new(now)));
        let mut full_at = full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let used = full_at.since(now) + self.rate.every;
        let room = self.rate.every.saturating_mul(self.rate.burst);
        if used > room {
            return Err(used - room);
        }
        *full_at = now + used;
        Ok(())
    }
}

/// An address as it is counted: whoever has one IPv6 address has the whole network of 64 bits.
pub(crate) fn counted(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6([a, b, c, d, 0, 0, 0, 0].into())
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Monotonic {
        Monotonic::from_origin(Duration::from_secs(seconds))
    }

    #[test]
    fn a_burst_is_allowed_and_then_one_at_a_time() {
        let throttle = Throttle::new(Rate { burst: 3, every: Duration::from_secs(60) });
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
    fn one_ipv6_network_counts_as_one() {
        let counted = |text: &str| counted(text.parse().unwrap());
        assert_eq!(counted("2001:db8:1:2:3::4"), counted("2001:db8:1:2:ffff::"));
        assert_ne!(counted("2001:db8:1:2::"), counted("2001:db8:1:3::"));
        assert_eq!(counted("::ffff:192.0.2.1"), counted("192.0.2.1"));
    }
}
