//! How often logins may be started. Belongs here: the limits, and counting by address, in memory, on each node for itself. Does not belong
//! here: what is counted by user, for all nodes ([`crate::attempts`]).

use std::time::Duration;

use iampass_core::rate_limit::{AddressLimiter, Rate, RateLimiter};

/// The limits of login starts. Limits by user are counted for all nodes together, limits by address alone on each node.
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
    /// Starts from one client address, whatever comes of them: 30, and one more every 10 seconds. An IPv6 address counts by its networks of
    /// 64, 56 and 48 bits, of which the wider ones may 4 and 16 times as much; an IPv4 address by itself and by its network of 24 bits, which
    /// may 64 times as much. A browser in which somebody has signed in before has as many of its own, so that nobody who shares its address
    /// keeps it out.
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

/// All counters.
pub(crate) struct Throttles {
    pub(crate) limits: Limits,
    pub(crate) by_address: AddressLimiter,
    /// Starts of one browser in which somebody has signed in before.
    pub(crate) by_browser: RateLimiter,
}

impl Throttles {
    pub(crate) fn new(limits: Limits) -> Self {
        let by_address = AddressLimiter::new(limits.per_address);
        Self { limits, by_address, by_browser: RateLimiter::new(limits.per_address) }
    }
}
