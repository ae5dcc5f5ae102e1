//! The network of a browser: what counts as one where strangers are counted.

use std::net::{IpAddr, Ipv6Addr};

/// The network that counts as one: an IPv4 address, 56 bits of an IPv6 address. `None` for a text that is no address.
///
/// ```
/// use iampass_server_domain::rules::network_of;
///
/// assert_eq!(network_of("2001:db8:1:2::3"), network_of("2001:db8:1:ff::9"));
/// assert_eq!(network_of("::ffff:192.0.2.1"), network_of("192.0.2.1"));
/// assert_ne!(network_of("192.0.2.1"), network_of("192.0.2.2"));
/// assert_eq!(network_of("nowhere"), None);
/// ```
#[must_use]
pub fn network_of(address: &str) -> Option<IpAddr> {
    Some(match address.parse::<IpAddr>().ok()?.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 72 << 72)),
        v4 => v4,
    })
}
