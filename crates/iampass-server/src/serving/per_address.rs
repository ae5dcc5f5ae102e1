//! [`PerAddress`]: how many connections one address has open, and the networks that it belongs to.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The networks of IPv6 that are counted: their bits, and how many times the connections of one address each may have. One customer has at least the
/// last 64 bits to choose, and often a network of 56 or 48.
const NETWORKS_V6: [(u32, usize); 3] = [(64, 1), (56, 4), (48, 16)];
/// The same of IPv4.
const NETWORKS_V4: [(u32, usize); 2] = [(32, 1), (24, 4)];

/// One network has at most this part of all connections.
const PARTS: usize = 8;

/// A network, by its first address and its bits.
type Network = (IpAddr, u32);

/// The open connections of each network. It has an entry only for a network with an open connection, so it is bounded by their number.
#[derive(Debug)]
pub(crate) struct PerAddress {
    most: usize,
    most_of_network: usize,
    open: Mutex<HashMap<Network, usize>>,
}

/// One connection of an address, for as long as it is open.
#[derive(Debug)]
pub(crate) struct Counted {
    counts: Arc<PerAddress>,
    address: IpAddr,
}

impl PerAddress {
    /// Up to `most` for each address, and some times as many for each network, yet no network has more than an eighth of `all`: a few networks must not
    /// keep everybody else out.
    pub(crate) fn new(most: usize, all: usize) -> Arc<Self> {
        let most_of_network = (all / PARTS).max(most);
        Arc::new(Self { most, most_of_network, open: Mutex::default() })
    }

    /// Counts one connection of `address`. None when it, or a network that it belongs to, has as many as it may.
    pub(crate) fn count(self: &Arc<Self>, address: IpAddr) -> Option<Counted> {
        let mut open = self.open();
        let has_room = |(network, times): (Network, usize)| {
            let most = self.most.saturating_mul(times).min(self.most_of_network);
            open.get(&network).copied().unwrap_or_default() < most
        };
        if !networks(address).all(has_room) {
            return None;
        }
        for (network, _) in networks(address) {
            *open.entry(network).or_default() += 1;
        }
        Some(Counted { counts: Arc::clone(self), address })
    }

    fn open(&self) -> MutexGuard<'_, HashMap<Network, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut open = self.counts.open();
        for (network, _) in networks(self.address) {
            if let Entry::Occupied(mut count) = open.entry(network) {
                *count.get_mut() -= 1;
                if *count.get() == 0 {
                    count.remove();
                }
            }
        }
    }
}

/// The networks that an address belongs to, each with how many times the connections of one address it may have.
fn networks(address: IpAddr) -> impl Iterator<Item = (Network, usize)> {
    let address = address.to_canonical();
    let counted: &'static [(u32, usize)] = if address.is_ipv4() { &NETWORKS_V4 } else { &NETWORKS_V6 };
    counted.iter().map(move |&(bits, times)| {
        let first: IpAddr = match address {
            IpAddr::V4(address) => {
                let kept = u32::MAX.checked_shl(u32::BITS - bits).unwrap_or_default();
                Ipv4Addr::from_bits(address.to_bits() & kept).into()
            }
            IpAddr::V6(address) => {
                let kept = u128::MAX.checked_shl(u128::BITS - bits).unwrap_or_default();
                Ipv6Addr::from_bits(address.to_bits() & kept).into()
            }
        };
        ((first, bits), times)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_own_places_and_a_network_of_ipv6_shares_them() {
        let counts = PerAddress::new(2, 10_000);
        let count = |address: &str| counts.count(address.parse().unwrap());
        let first = count("192.0.2.1").unwrap();
        let _second = count("::ffff:192.0.2.1").unwrap();
        assert!(count("192.0.2.1").is_none());
        let _neighbour = count("192.0.2.2").unwrap();
        let six = count("2001:db8::1").unwrap();
        let seven = count("2001:db8::ffff:7").unwrap();
        assert!(count("2001:db8::2").is_none());
        assert!(count("2001:db8:0:1::2").is_some());
        drop(first);
        assert!(count("192.0.2.1").is_some());
        drop((six, seven));
        assert_eq!(counts.open().len(), 3, "what has no connection has no entry");
        assert!(PerAddress::new(0, 10_000).count("192.0.2.1".parse().unwrap()).is_none());
    }

    /// One line has many addresses, and one provider many lines.
    #[test]
    fn networks_have_some_times_the_places_of_an_address() {
        let open = |address: &dyn Fn(u32) -> String| {
            let counts = PerAddress::new(2, 10_000);
            let all: Vec<_> =
                (0..1_000).filter_map(|number| counts.count(address(number).parse().unwrap())).collect();
            all.len()
        };
        assert_eq!(open(&|number| format!("192.0.2.{}", number % 256)), 2 * 4);
        assert_eq!(open(&|number| format!("198.51.{}.1", number % 200)), 2 * 200);
        assert_eq!(open(&|number| format!("2001:db8:0:{:x}::1", number % 256)), 2 * 4);
        assert_eq!(open(&|number| format!("2001:db8:0:{:x}::1", number * 64)), 2 * 16);
        assert_eq!(open(&|number| format!("2001:db8:{number:x}::1")), 1_000);
    }

    /// Few networks must not take all places. One address may have as many as it is given, however few there are.
    #[test]
    fn no_network_has_more_than_an_eighth_of_all() {
        let counts = PerAddress::new(256, 10_000);
        let of_network = |network: u32| {
            let address = |number: u32| format!("2001:db8:{network:x}:{number:x}::1").parse().unwrap();
            (0..5_000).filter_map(|number| counts.count(address(number))).collect::<Vec<_>>()
        };
        let open: Vec<_> = (0..3).map(of_network).collect();
        assert!(open.iter().all(|open| open.len() == 1_250));
        let counts = PerAddress::new(256, 100);
        let one: Vec<_> = (0..300).filter_map(|_| counts.count("192.0.2.1".parse().unwrap())).collect();
        assert_eq!(one.len(), 256);
    }

    /// A connection that a network has no room for takes no place of its address.
    #[test]
    fn a_refused_connection_is_counted_nowhere() {
        let counts = PerAddress::new(1, 10_000);
        let count = |address: &str| counts.count(address.parse().unwrap());
        let mut four: Vec<_> = (1..=4).map(|last| count(&format!("192.0.2.{last}")).unwrap()).collect();
        for _ in 0..10 {
            assert!(count("192.0.2.5").is_none());
        }
        four.pop();
        assert!(count("192.0.2.5").is_some());
    }
}
