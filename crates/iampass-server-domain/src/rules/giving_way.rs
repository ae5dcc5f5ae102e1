//! Giving way: which of the silent questions of one user ends when one more begins.
//!
//! Anybody who knows a name can begin such questions, from as many addresses as are at hand. Those of a stranger are to displace the stranger's own.

use std::collections::HashMap;
use std::net::IpAddr;

/// The parts of an address that count, the widest first: those of an IPv4 address, and those of an IPv6 address, in bits. A provider has an IPv6
/// network of 32 bits, a customer one of 48 or 56, a line one of 64.
const LEVELS: [[u32; 4]; 2] = [[16, 24, 32, 32], [32, 48, 56, 64]];

/// A network of one level: whether it is of IPv6, and its first bits. All questions that tell no address are of one network.
type Network = Option<(bool, u128)>;

/// The place of the question that gives way, among those that wait, oldest first. None where none waits.
///
/// It is of the wide network with the most questions, and therein of the narrow one with the most: somebody who has a whole network, or many addresses
/// of one provider, counts as one. Among networks with as many, one in which the user has signed in before (`familiar`) stays. The oldest goes.
///
/// ```
/// use iampass_server_domain::rules::gives_way;
///
/// let of = |address: &str| address.parse().ok();
/// let waiting = [of("198.51.100.7"), of("2001:db8:1::1"), of("2001:db8:2::1")];
/// assert_eq!(gives_way(&waiting, &[]), Some(1));
/// // Of two networks with one question each, the oldest question goes, but not from where the user is known.
/// assert_eq!(gives_way(&waiting[..2], &[]), Some(0));
/// assert_eq!(gives_way(&waiting[..2], &["198.51.100.7".parse().unwrap()]), Some(1));
/// ```
#[must_use]
pub fn gives_way(waiting: &[Option<IpAddr>], familiar: &[IpAddr]) -> Option<usize> {
    let mut left: Vec<usize> = (0..waiting.len()).collect();
    let address = |place: &usize| waiting.get(*place).copied().flatten();
    for level in 0..LEVELS[0].len() {
        let mut counts = HashMap::<Network, usize>::new();
        for place in &left {
            *counts.entry(network(address(place), level)).or_default() += 1;
        }
        let most = counts.values().copied().max()?;
        left.retain(|place| counts.get(&network(address(place), level)) == Some(&most));
    }
    let is_familiar = |place: &usize| {
        let own = narrowest(address(place));
        own.is_some() && familiar.iter().any(|address| narrowest(Some(*address)) == own)
    };
    left.iter().find(|place| !is_familiar(place)).or(left.first()).copied()
}

/// The network in which a user counts as at home: an IPv4 address, 64 bits of an IPv6 address.
fn narrowest(address: Option<IpAddr>) -> Network {
    network(address, LEVELS[0].len() - 1)
}

fn network(address: Option<IpAddr>, level: usize) -> Network {
    Some(match address?.to_canonical() {
        IpAddr::V4(address) => (false, u128::from(address.to_bits() >> (32 - LEVELS[0].get(level)?))),
        IpAddr::V6(address) => (true, address.to_bits() >> (128 - LEVELS[1].get(level)?)),
    })
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    fn at(address: &str) -> Option<IpAddr> {
        Some(address.parse().unwrap())
    }

    /// The owner's question is older than all others, which are of one more at a time than there is room for.
    fn survives(crowd: impl Iterator<Item = IpAddr>, familiar: &[IpAddr]) -> bool {
        let mut waiting = vec![at("198.51.100.7")];
        for address in crowd {
            if waiting.len() == 20 {
                let gone = waiting.remove(gives_way(&waiting, familiar).unwrap());
                if gone == at("198.51.100.7") {
                    return false;
                }
            }
            waiting.push(Some(address));
        }
        true
    }

    fn v6(bits: u128) -> IpAddr {
        IpAddr::V6(Ipv6Addr::from_bits(bits))
    }

    #[test]
    fn many_networks_of_one_provider_displace_each_other() {
        let base = "2001:db8::".parse::<Ipv6Addr>().unwrap().to_bits();
        for shift in [64, 72, 80] {
            assert!(survives((0..100).map(|number| v6(base + (number << shift))), &[]), "{shift}");
        }
        let base = Ipv4Addr::new(203, 0, 0, 1).to_bits();
        for shift in [0, 8] {
            let crowd = (0..100_u32).map(|number| IpAddr::V4(Ipv4Addr::from_bits(base + (number << shift))));
            assert!(survives(crowd, &[]), "{shift}");
        }
    }

    #[test]
    fn many_providers_displace_each_other_and_nobody_who_is_at_home() {
        let fleet = || (1..100).map(|number| v6((0x2001_0000 + number) << 96));
        assert!(!survives(fleet(), &[]), "nothing tells the owner from the others");
        assert!(survives(fleet(), &["198.51.100.7".parse().unwrap()]));
        assert!(survives(fleet(), &["203.0.113.1".parse().unwrap(), "::ffff:198.51.100.7".parse().unwrap()]));
    }

    #[test]
    fn to_be_at_home_is_no_right_to_have_the_most() {
        let waiting = [at("198.51.100.7"), at("198.51.100.7"), at("203.0.113.9")];
        assert_eq!(gives_way(&waiting, &["198.51.100.7".parse().unwrap()]), Some(0));
    }

    #[test]
    fn those_without_an_address_are_one_network() {
        assert_eq!(gives_way(&[at("198.51.100.7"), None, None], &[]), Some(1));
        assert_eq!(gives_way(&[None, at("198.51.100.7"), at("198.51.100.8")], &[]), Some(1));
        assert_eq!(gives_way(&[], &[]), None);
    }

    #[test]
    fn the_narrow_network_with_the_most_gives_way_in_the_wide_one() {
        let waiting = [at("2001:db8:1::1"), at("2001:db8:2::1"), at("2001:db8:2::2"), at("198.51.100.7")];
        assert_eq!(gives_way(&waiting, &[]), Some(1));
    }
}
