//! Where a request comes from. Belongs here: whose word is believed about it. Does not belong here: what is counted by it.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};

use iampass_core::trusted_proxies::written_address;
pub use iampass_core::trusted_proxies::{InvalidNetwork, TrustedProxies as ProxyNetworks};

use crate::request::Headers;

/// The proxies that are believed about the address of a client.
#[derive(Debug, Default)]
pub(crate) enum TrustedProxies {
    /// The other end of the connection alone.
    #[default]
    None,
    /// So many proxies, whoever they are.
    Number(usize),
    /// Proxies in these networks.
    Networks(ProxyNetworks),
}

/// Finds the address of a request's sender, and warns once of what stands in the way of that.
#[derive(Debug, Default)]
pub(crate) struct ClientAddresses {
    trusted: TrustedProxies,
    has_warned_of_proxy: AtomicBool,
    has_warned_of_no_peer: AtomicBool,
}

impl ClientAddresses {
    pub(crate) fn new(trusted: TrustedProxies) -> Self {
        Self { trusted, ..Self::default() }
    }

    /// The address that a request is counted by. `None`: it is not known, so the request is counted for all that are not known.
    pub(crate) fn client(&self, peer: Option<IpAddr>, headers: &Headers) -> Option<IpAddr> {
        let Some(peer) = peer else {
            if !self.has_warned_of_no_peer.swap(true, Ordering::Relaxed) {
                tracing::warn!(
                    "requests come without the address of their sender, so sign-ins are limited for all together only: with axum, serve \
                     with `into_make_service_with_connect_info::<SocketAddr>()`"
                );
            }
            return None;
        };
        let forwarded = headers.forwarded_for.as_deref();
        match &self.trusted {
            TrustedProxies::None => self.untold(peer, headers),
            // Each proxy adds on the right what it saw; the peer itself is the last of them. Where it cannot be told, the nearest proxy
            // stands for all who come through it: that is too few allowed, and never none counted.
            TrustedProxies::Number(hops) => {
                let seen = forwarded.unwrap_or_default().rsplit(',').nth(hops.saturating_sub(1));
                Some(seen.and_then(|seen| written_address(seen.trim())).unwrap_or(peer))
            }
            TrustedProxies::Networks(networks) => {
                let hops = forwarded.unwrap_or_default().rsplit(',').map(|hop| written_address(hop.trim()));
                Some(networks.nearest_stranger(peer, hops))
            }
        }
    }

    /// Without a trusted proxy the peer counts, whatever headers say. But one on this machine that says whom it forwards for is a proxy that was not
    /// told of: all users would be one address, and one of them could keep the others out. It is not counted as one ([`crate::throttle`]). Any other peer may have made the
    /// headers up, to be counted for nobody and to show the phone no address: it counts, also in a private network.
    fn untold(&self, peer: IpAddr, headers: &Headers) -> Option<IpAddr> {
        if headers.forwarded_for.is_none() && headers.forwarded.is_none() {
            return Some(peer);
        }
        let is_proxy = is_this_machine(peer);
        if !self.has_warned_of_proxy.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                %peer,
                "a proxy forwards requests for others, and no proxy is trusted, so {}: if it is yours, set `trusted_proxy_networks`",
                if is_proxy { "sign-ins through it are limited by the address that it tells, and for all together, and phones show none" } else { "all who come through it count as one address, which phones show" }
            );
        }
        (!is_proxy).then_some(peer)
    }
}

/// The address that a proxy on this machine claims to forward for: the last, which it has added itself if it adds any. It is good for keeping
/// users apart, and for no limit of its own: anybody may have made it up, so all of them are limited together. No other peer is asked.
pub(crate) fn claimed(peer: Option<IpAddr>, headers: &Headers) -> Option<IpAddr> {
    peer.filter(|peer| is_this_machine(*peer))?;
    written_address(headers.forwarded_for.as_deref()?.rsplit(',').next()?.trim())
}

fn is_this_machine(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: TrustedProxies, peer: &str, forwarded: Option<&str>) -> Option<String> {
        let headers = Headers { forwarded_for: forwarded.map(str::to_owned), ..Headers::default() };
        let client = ClientAddresses::new(trusted).client(peer.parse().ok(), &headers);
        client.map(|address| address.to_string())
    }

    fn networks() -> TrustedProxies {
        TrustedProxies::Networks("10.0.0.0/8 fd00::/8,192.0.2.7".parse().unwrap())
    }

    #[test]
    fn proxies_are_believed_and_strangers_are_not() {
        let by_networks = |peer, forwarded| client(networks(), peer, Some(forwarded)).unwrap();
        assert_eq!(by_networks("203.0.113.9", "198.51.100.1"), "203.0.113.9");
        assert_eq!(
            by_networks("127.0.0.1", "198.51.100.1"),
            "127.0.0.1",
            "this machine is no proxy unless it is named"
        );
        assert_eq!(by_networks("10.0.0.1", "198.51.100.1"), "198.51.100.1");
        assert_eq!(by_networks("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2"), "198.51.100.1");
        assert_eq!(by_networks("10.0.0.1", "198.51.100.1, unknown"), "10.0.0.1");
        assert_eq!(by_networks("10.0.0.1", ""), "10.0.0.1");
        assert_eq!(by_networks("::ffff:10.0.0.1", "[2001:db8::1]:4711"), "2001:db8::1");
        assert_eq!(client(networks(), "192.0.2.7", None).as_deref(), Some("192.0.2.7"));
    }

    #[test]
    fn a_number_of_proxies_is_counted_from_the_near_end() {
        let by_number =
            |hops, forwarded| client(TrustedProxies::Number(hops), "10.0.0.1", forwarded).unwrap();
        assert_eq!(by_number(1, Some("1.1.1.1, 198.51.100.1")), "198.51.100.1");
        assert_eq!(by_number(2, Some("198.51.100.1, 10.0.0.9")), "198.51.100.1");
        assert_eq!(by_number(2, Some("198.51.100.1")), "10.0.0.1");
        assert_eq!(by_number(1, None), "10.0.0.1");
    }

    #[test]
    fn a_proxy_that_was_not_told_of_makes_no_one_address_of_all() {
        let untold = |peer, forwarded| client(TrustedProxies::None, peer, forwarded);
        assert_eq!(untold("127.0.0.1", None).as_deref(), Some("127.0.0.1"));
        for peer in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(untold(peer, Some("198.51.100.1")), None, "{peer}");
        }
        // Anybody can send the header, in a private network too. It is no way to be counted for nobody, or under a name of one's own.
        let headers = Headers { forwarded_for: Some("198.51.100.1".to_owned()), ..Headers::default() };
        for peer in
            ["203.0.113.9", "2001:db8::1", "10.1.2.3", "192.168.0.1", "172.17.0.1", "100.64.0.1", "fd00::1"]
        {
            assert_eq!(untold(peer, Some("198.51.100.1")).as_deref(), Some(peer));
            assert_eq!(claimed(peer.parse().ok(), &headers), None, "{peer}");
        }
        assert_eq!(claimed(None, &headers), None);
    }

    #[test]
    fn without_a_peer_nothing_is_counted_by_address() {
        for trusted in [TrustedProxies::None, TrustedProxies::Number(1), networks()] {
            assert_eq!(client(trusted, "", Some("198.51.100.1")), None, "anybody can send the header");
        }
    }

    #[test]
    fn networks_are_read_or_refused() {
        assert!("".parse::<ProxyNetworks>().unwrap().is_empty());
        for bad in ["10.0.0.0/33", "proxy.example", "10.0.0.1;10.0.0.2"] {
            assert_eq!(bad.parse::<ProxyNetworks>(), Err(InvalidNetwork), "{bad}");
        }
    }
}
