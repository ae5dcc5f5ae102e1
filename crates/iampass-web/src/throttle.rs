//! How often logins may be started. Belongs here: the limits, and counting by address, in memory, on each node for itself. Does not belong
//! here: what is counted by user, for all nodes ([`crate::attempts`]).

use std::net::IpAddr;
use std::time::Duration;

use iampass_core::Monotonic;
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
    /// may 64 times as much. Starts without a name are counted the same way, apart from those with one, and may be eight times as many: an open
    /// login page begins one each minute, and an office has one address. A known browser has as many of its own, and those alone count
    /// where the user of the name has signed in in it before, or any user for a start without a name, so that nobody who shares its address keeps
    /// it out.
    pub per_address: Rate,
    /// Tries of recovery codes from one client address, right or wrong: 10, and one more each minute. Wide networks count as with
    /// [`Limits::per_address`]. A user has as many of their own, in all browsers together in which the user has signed in before; the address pays
    /// when they are used up. Strangers use up nothing of a user's: see [`LostPhone::RecoveryCode`](crate::LostPhone::RecoveryCode).
    pub recovery_codes: Rate,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            per_user: Rate { burst: 10, every: Duration::from_secs(30) },
            per_user_and_network: Rate { burst: 5, every: Duration::from_secs(60) },
            per_known_browser: Rate { burst: 10, every: Duration::from_secs(30) },
            per_address: Rate { burst: 30, every: Duration::from_secs(10) },
            recovery_codes: Rate { burst: 10, every: Duration::from_secs(60) },
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

    /// The same with another rate for tries of recovery codes from one address.
    #[must_use]
    pub fn recovery_codes(mut self, rate: Rate) -> Self {
        self.recovery_codes = rate;
        self
    }
}

/// So many times as many starts without a name may come from one address: open pages begin them by themselves, and they ring nowhere.
const NAMELESS: u32 = 8;

/// All counters.
pub(crate) struct Throttles {
    pub(crate) limits: Limits,
    pub(crate) by_address: StartsByAddress,
    /// Starts without a name. A page begins one by itself when it is opened, so they use up nothing of those with a name.
    pub(crate) nameless_by_address: StartsByAddress,
    /// Starts of one browser that has the cookie of a known one.
    pub(crate) by_browser: RateLimiter,
    /// The same without a name.
    pub(crate) nameless_by_browser: RateLimiter,
    /// Tries of recovery codes.
    pub(crate) recovery_codes: StartsByAddress,
    /// Tries for one user, in browsers that the user knows.
    pub(crate) codes_by_user: RateLimiter,
    /// Tries in one browser that has the cookie of a known one.
    pub(crate) codes_by_browser: RateLimiter,
}

impl Throttles {
    pub(crate) fn new(limits: Limits) -> Self {
        let by_address = StartsByAddress::new(limits.per_address, 1);
        let nameless_by_address = StartsByAddress::new(limits.per_address, NAMELESS);
        let (by_browser, nameless_by_browser) =
            (RateLimiter::new(limits.per_address), RateLimiter::new(limits.per_address));
        let recovery_codes = StartsByAddress::new(limits.recovery_codes, 1);
        let (codes_by_user, codes_by_browser) =
            (RateLimiter::new(limits.recovery_codes), RateLimiter::new(limits.recovery_codes));
        Self {
            limits,
            by_address,
            nameless_by_address,
            by_browser,
            nameless_by_browser,
            recovery_codes,
            codes_by_user,
            codes_by_browser,
        }
    }
}

/// All whose address is not known count together as one that may so many times as much as any other: as a network of 24 bits may.
const UNKNOWN: u32 = 64;

/// Starts by the address that they come from.
pub(crate) struct StartsByAddress {
    known: AddressLimiter,
    /// By the address that a proxy claims which is not named: it keeps those apart who come through it. Those who make the address up meet the limit
    /// of all.
    claimed: AddressLimiter,
    unknown: RateLimiter,
}

/// The sender of a start, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StartedFrom {
    /// This address.
    Address(IpAddr),
    /// It is not known, but for what a proxy claims that is not named.
    Unknown {
        /// The address that it claims, if it does.
        claimed: Option<IpAddr>,
    },
}

impl StartsByAddress {
    /// One address may so many times as much; wide networks, and all whose address is not known, may no more than otherwise.
    fn new(per_address: Rate, one_may: u32) -> Self {
        Self {
            known: AddressLimiter::new(per_address).one_may(one_may),
            claimed: AddressLimiter::new(per_address).one_may(one_may),
            unknown: RateLimiter::new(per_address.times(UNKNOWN)),
        }
    }

    /// Counts a start, or says how long to wait.
    pub(crate) fn take(&self, from: StartedFrom, now: Monotonic) -> Result<(), Duration> {
        match from {
            StartedFrom::Address(address) => self.known.take(address, now),
            StartedFrom::Unknown { claimed } => {
                if let Some(claimed) = claimed {
                    self.claimed.take(claimed, now)?;
                }
                self.unknown.take((), now)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_without_an_address_are_limited_and_in_nobody_elses_way() {
        let starts = StartsByAddress::new(Rate { burst: 2, every: Duration::from_secs(3_600) }, 1);
        let now = Monotonic::ORIGIN + Duration::from_secs(1);
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let taken = |from: &dyn Fn(u32) -> StartedFrom, count| {
            (0..count).filter(|number| starts.take(from(*number), now).is_ok()).count()
        };
        let claims =
            |claimed: &'static str| move |_| StartedFrom::Unknown { claimed: Some(address(claimed)) };
        assert_eq!(taken(&claims("198.51.100.1"), 10), 2, "one that the proxy tells apart");
        assert_eq!(taken(&claims("198.51.100.2"), 10), 2, "and another one");
        let made_up =
            |number: u32| StartedFrom::Unknown { claimed: Some(IpAddr::V4(number.rotate_left(24).into())) };
        assert_eq!(taken(&made_up, 1_000), 124, "addresses that are made up");
        assert_eq!(taken(&|_| StartedFrom::Unknown { claimed: None }, 10), 0);
        assert_eq!(
            taken(&|_| StartedFrom::Address(address("198.51.100.1")), 10),
            2,
            "others are not concerned"
        );
    }
}
