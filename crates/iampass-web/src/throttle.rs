//! How often logins may be started: per user, and per address. Belongs here: the limits and their counters. The counters are in memory,
//! bounded, and each node has its own.

use std::time::Duration;

use iampass_core::rate_limit::{AddressLimiter, Rate, RateLimiter};

/// The limits of login starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// For one login name: 5, and one more each minute.
    pub per_user: Rate,
    /// For one client address: 30, and one more every 10 seconds. An IPv6 address counts by its networks of 64, 56 and 48 bits, of which
    /// the wider ones may 4 and 16 times as much; an IPv4 address by itself and by its network of 24 bits, which may 64 times as much.
    pub per_address: Rate,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            per_user: Rate { burst: 5, every: Duration::from_secs(60) },
            per_address: Rate { burst: 30, every: Duration::from_secs(10) },
        }
    }
}

impl Limits {
    /// The same with another rate for one login name.
    #[must_use]
    pub fn per_user(mut self, rate: Rate) -> Self {
        self.per_user = rate;
        self
    }

    /// The same with another rate for one address.
    #[must_use]
    pub fn per_address(mut self, rate: Rate) -> Self {
        self.per_address = rate;
        self
    }
}

/// All counters.
pub(crate) struct Throttles {
    /// By the name that was typed.
    pub(crate) by_name: RateLimiter,
    /// By the user whom it is, however the name was typed.
    pub(crate) by_user: RateLimiter,
    pub(crate) by_address: AddressLimiter,
}

impl Throttles {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            by_name: RateLimiter::new(limits.per_user),
            by_user: RateLimiter::new(limits.per_user),
            by_address: AddressLimiter::new(limits.per_address),
        }
    }
}
