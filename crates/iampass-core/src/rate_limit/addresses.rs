//! [`AddressLimiter`]: counting by network address, where one person may have many.

use std::net::IpAddr;
use std::time::Duration;

use super::{Rate, Table};
use crate::Monotonic;

/// A network that an address belongs to: how many of its first bits are kept, and how many times as much as one address it may.
struct Level {
    bits: u32,
    factor: u32,
}

/// A customer has one address, and shares a network with others.
const IPV4: [Level; 2] = [Level { bits: 32, factor: 1 }, Level { bits: 24, factor: 64 }];

/// One customer gets a network of 64 bits at least, often one of 56, and a site one of 48.
const IPV6: [Level; 3] =
    [Level { bits: 64, factor: 1 }, Level { bits: 56, factor: 4 }, Level { bits: 48, factor: 16 }];

/// Counts by network address, for each network that an address belongs to at once: an IPv6 address by its networks of 64, 56 and 48
/// bits, of which the wider ones may 4 and 16 times as much as the first; an IPv4 address by itself and by its network of 24 bits, which
/// may 64 times as much.
///
/// So a person with many networks is limited as well, and the neighbours of one who has used up all of it are not.
#[derive(Debug)]
pub struct AddressLimiter {
    rate: Rate,
    /// How many times as much the narrowest network may.
    narrowest: u32,
    table: Table,
}

impl AddressLimiter {
    /// So often for one address (IPv6: one network of 64 bits).
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self { rate, narrowest: 1, table: Table::new() }
    }

    /// One address (IPv6: one network of 64 bits) may so many times as much. Wider networks may as much as before, or as much as one address if that is
    /// more: for what many do who share an address.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use iampass_core::Monotonic;
    /// use iampass_core::rate_limit::{AddressLimiter, Rate};
    ///
    /// let limiter = AddressLimiter::new(Rate { burst: 1, every: Duration::from_secs(60) }).one_may(2);
    /// let address = "192.0.2.1".parse().unwrap();
    /// let mut take = || limiter.take(address, Monotonic::ORIGIN).is_ok();
    /// assert_eq!([take(), take(), take()], [true, true, false]);
    /// ```
    #[must_use]
    pub fn one_may(mut self, times: u32) -> Self {
        self.narrowest = times;
        self
    }

    fn rate_of(&self, level: &Level) -> Rate {
        self.rate.times(level.factor.max(self.narrowest))
    }

    /// Counts one.
    ///
    /// # Errors
    /// How long to wait for the next, when this one is too many. Then it is not counted.
    pub fn take(&self, address: IpAddr, now: Monotonic) -> Result<(), Duration> {
        let (levels, bits) = parts(address);
        // The narrowest first: what one address has too many uses up nothing of its neighbours'.
        for (at, level) in levels.iter().enumerate() {
            let rate = self.rate_of(level);
            if let Err(wait) = self.table.take(rate, key(level, bits, address), now) {
                for level in levels.iter().take(at) {
                    self.table.give_back(self.rate_of(level), key(level, bits, address), now);
                }
                return Err(wait);
            }
        }
        Ok(())
    }

    /// Takes one back that was counted.
    pub fn give_back(&self, address: IpAddr, now: Monotonic) {
        let (levels, bits) = parts(address);
        for level in levels {
            self.table.give_back(self.rate_of(level), key(level, bits, address), now);
        }
    }
}

/// The levels of an address, and the address as a number that begins at the highest bit.
fn parts(address: IpAddr) -> (&'static [Level], u128) {
    match address.to_canonical() {
        IpAddr::V4(address) => (&IPV4, u128::from(address.to_bits()) << 96),
        IpAddr::V6(address) => (&IPV6, address.to_bits()),
    }
}

/// The key that a network is counted by.
fn key(level: &Level, bits: u128, address: IpAddr) -> (bool, u32, u128) {
    let kept = u128::MAX.checked_shl(u128::BITS.saturating_sub(level.bits)).unwrap_or_default();
    (address.to_canonical().is_ipv4(), level.bits, bits & kept)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    const NOW: Monotonic = Monotonic::ORIGIN;

    fn three() -> AddressLimiter {
        AddressLimiter::new(Rate { burst: 3, every: Duration::from_secs(60) })
    }

    fn let_in(limiter: &AddressLimiter, addresses: impl Iterator<Item = IpAddr>) -> usize {
        addresses.filter(|address| limiter.take(*address, NOW).is_ok()).count()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_address_may_more_and_a_network_of_many_no_more_than_before() {
        let limiter = three().one_may(8);
        assert_eq!(let_in(&limiter, (0..100).map(|_| ip("192.0.2.1"))), 24);
        let all = (0..=255_u8).flat_map(|last| std::iter::repeat_n(IpAddr::from([203, 0, 113, last]), 24));
        assert_eq!(let_in(&limiter, all), 3 * 64);
        assert_eq!(let_in(&limiter, (0..256).map(within)), 24, "a network of 56 bits as much as one of 64");
    }

    /// The address in network `number` of 64 bits within 2001:db8:1::/48.
    fn within(number: u32) -> IpAddr {
        Ipv6Addr::from_bits((0x2001_0db8_0001_u128 << 80) | (u128::from(number) << 64) | 1).into()
    }

    #[test]
    fn one_ipv6_network_counts_as_one() {
        let limiter = three();
        let host = |number: u32| Ipv6Addr::from_bits((0x2001_0db8_u128 << 96) | u128::from(number)).into();
        assert_eq!(let_in(&limiter, (0..1_000).map(host)), 3);
        assert!(limiter.take(ip("2001:db8:0:1::1"), NOW).is_ok(), "the network beside it is not held up");
    }

    #[test]
    fn all_networks_of_a_site_are_limited_together() {
        let limiter = three();
        assert_eq!(let_in(&limiter, (0..256).map(within)), 12, "one customer: four times as much");
        assert_eq!(let_in(&limiter, (256..65_536).map(within)), 36, "one site: sixteen times as much in all");
        assert!(limiter.take(ip("2001:db8:2::1"), NOW).is_ok(), "the site beside it is not held up");
    }

    #[test]
    fn what_one_network_has_too_many_uses_up_nothing_of_its_neighbours() {
        let limiter = three();
        assert_eq!(let_in(&limiter, (0..1_000).map(|_| within(0))), 3);
        assert_eq!(let_in(&limiter, (1..4).map(within)), 3);
    }

    #[test]
    fn ipv4_addresses_count_alone_and_with_their_neighbours() {
        let limiter = three();
        assert_eq!(let_in(&limiter, (0..10).map(|_| ip("192.0.2.1"))), 3);
        assert!(limiter.take(ip("::ffff:192.0.2.1"), NOW).is_err(), "it is the same address");
        let all = (0..=255_u8)
            .flat_map(|last| std::iter::repeat_n(IpAddr::from(Ipv4Addr::new(203, 0, 113, last)), 3));
        assert_eq!(let_in(&limiter, all), 3 * 64);
        // An IPv6 address whose bits are those of an IPv4 address is another one.
        assert!(limiter.take(ip("c000:201::"), NOW).is_ok());
    }

    #[test]
    fn a_million_other_addresses_do_not_free_one_that_is_held_back() {
        let limiter = three();
        let offenders = [ip("192.0.2.1"), ip("2001:db8:1::1")];
        for offender in offenders {
            while limiter.take(offender, NOW).is_ok() {}
        }
        for number in 0..500_000_u32 {
            let _ = limiter.take(Ipv4Addr::from_bits(0x0a00_0000 | number).into(), NOW);
            let _ = limiter
                .take(Ipv6Addr::from_bits((0x2001_0db9_u128 << 96) | (u128::from(number) << 64)).into(), NOW);
        }
        for offender in offenders {
            assert!(limiter.take(offender, NOW).is_err(), "{offender}");
        }
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let limiter = three();
        for _ in 0..100 {
            assert!(limiter.take(within(0), NOW).is_ok());
            limiter.give_back(within(0), NOW);
        }
        assert_eq!(let_in(&limiter, (0..256).map(within)), 12);
    }
}
