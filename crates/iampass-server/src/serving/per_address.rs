//! [`PerAddress`]: how many connections one address has open.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bits of an IPv6 address that one customer has at least: the last 64 are free to choose.
const NETWORK_BITS: u32 = 64;

/// The open connections of each address. It has an entry only for an address with an open connection, so it is bounded by their number.
#[derive(Debug)]
pub(crate) struct PerAddress {
    most: usize,
    open: Mutex<HashMap<IpAddr, usize>>,
}

/// One connection of an address, for as long as it is open.
#[derive(Debug)]
pub(crate) struct Counted {
    counts: Arc<PerAddress>,
    network: IpAddr,
}

impl PerAddress {
    /// Up to `most` for each address.
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, open: Mutex::default() })
    }

    /// Counts one connection of `address`. None when it has as many as it may.
    pub(crate) fn count(self: &Arc<Self>, address: IpAddr) -> Option<Counted> {
        let network = network(address);
        let mut open = self.open();
        let count = open.entry(network).or_default();
        if *count >= self.most {
            if *count == 0 {
                open.remove(&network);
            }
            return None;
        }
        *count += 1;
        Some(Counted { counts: Arc::clone(self), network })
    }

    fn open(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if let Entry::Occupied(mut count) = self.counts.open().entry(self.network) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

/// The key that an address is counted by: an address of IPv4, a network of 64 bits of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let kept = u128::MAX << (u128::BITS - NETWORK_BITS);
            Ipv6Addr::from_bits(address.to_bits() & kept).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_own_places_and_a_network_of_ipv6_shares_them() {
        let counts = PerAddress::new(2);
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
        assert_eq!(counts.open().len(), 2, "what has no connection has no entry");
        assert!(PerAddress::new(0).count("192.0.2.1".parse().unwrap()).is_none());
    }
}
