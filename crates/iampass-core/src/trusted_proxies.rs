//! Proxies that are trusted, and the address of a client behind them.
//!
//! Belongs here: which addresses are proxies, and whose address counts. Does not belong here: the header in which proxies write it, and what is
//! counted by it.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de};

/// The networks in which your own proxies are: addresses and networks. As a text, with commas or white space between them.
///
/// ```
/// use iampass_core::trusted_proxies::TrustedProxies;
///
/// let proxies: TrustedProxies = "127.0.0.1, 10.0.0.0/8, fd00::/8".parse()?;
/// assert!(proxies.contains("10.1.2.3".parse()?));
/// assert!("proxy.example".parse::<TrustedProxies>().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

/// A text is neither an address nor a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is neither an address nor a network: write 10.0.0.7, 10.0.0.0/8 or fd00::/8")]
pub struct InvalidNetwork;

impl TrustedProxies {
    /// Reads addresses and networks.
    ///
    /// # Errors
    /// [`InvalidNetwork`] for the first that is none.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidNetwork> {
        let network = |text: &str| {
            let address = text.parse::<IpAddr>().map(|address| IpNet::from(address.to_canonical()));
            address.or_else(|_| text.parse()).map_err(|_| InvalidNetwork)
        };
        texts.into_iter().map(network).collect::<Result<_, _>>().map(Self)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this is the address of one.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The sender of a request that came by a connection from `peer`: the nearest address that is no trusted proxy. `hops` are the addresses that
    /// the header names, the nearest first, None for what is no address. Any client can have written the entries further away.
    pub fn nearest_stranger(&self, peer: IpAddr, hops: impl IntoIterator<Item = Option<IpAddr>>) -> IpAddr {
        let mut nearest = peer;
        if !self.contains(peer) {
            return nearest;
        }
        for hop in hops {
            // One that cannot be read hides what comes before it: the last that is known stands for all of them.
            let Some(address) = hop else { return nearest };
            nearest = address;
            if !self.contains(address) {
                break;
            }
        }
        nearest
    }
}

impl FromStr for TrustedProxies {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let texts = text.split(|character: char| character == ',' || character.is_whitespace());
        Self::parse(texts.filter(|text| !text.is_empty()))
    }
}

impl<'de> Deserialize<'de> for TrustedProxies {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        Self::parse(texts.iter().map(String::as_str)).map_err(de::Error::custom)
    }
}

/// An address as proxies write it, with a port or without.
#[must_use]
pub fn written_address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_stranger_is_the_sender() {
        let proxies = TrustedProxies::parse(["10.0.0.0/8"]).unwrap();
        let nearest = |peer: &str, hops: &[&str]| {
            let hops = hops.iter().map(|hop| written_address(hop));
            proxies.nearest_stranger(peer.parse().unwrap(), hops).to_string()
        };
        assert_eq!(nearest("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(nearest("10.0.0.1", &["10.0.0.2", "198.51.100.1:80", "1.1.1.1"]), "198.51.100.1");
        assert_eq!(nearest("10.0.0.1", &["10.0.0.2", "unknown", "1.1.1.1"]), "10.0.0.2");
        assert_eq!(nearest("::ffff:10.0.0.1", &["[2001:db8::1]:4711"]), "2001:db8::1");
        assert_eq!(nearest("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn networks_are_read_or_refused() {
        assert!("".parse::<TrustedProxies>().unwrap().is_empty());
        for bad in ["10.0.0.0/33", "proxy.example", "10.0.0.1;10.0.0.2"] {
            assert_eq!(bad.parse::<TrustedProxies>(), Err(InvalidNetwork), "{bad}");
        }
    }
}
