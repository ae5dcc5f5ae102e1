//! Proxies in front of the service: whom they are trusted to tell of.
//!
//! Belongs here: the settings, and the headers that are read. Does not belong here: whose address counts
//! ([`iampass_core::trusted_proxies`]), and what is counted by it ([`crate::rates`]).

use std::iter;
use std::net::IpAddr;

use http::HeaderMap;
use http::header::{FORWARDED, HeaderName};
use iampass_core::trusted_proxies::written_address;
pub use iampass_core::trusted_proxies::{InvalidNetwork as InvalidProxy, TrustedProxies};
use serde::Deserialize;

pub(crate) const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// The headers by which a proxy names the caller, one or the other.
const NAMES_THE_CALLER: [HeaderName; 3] = [X_FORWARDED_FOR, FORWARDED, HeaderName::from_static("x-real-ip")];

/// The sender of a request, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Client {
    pub(crate) address: IpAddr,
    /// Whether the address is that of a proxy on this machine that no setting names: many come from it.
    pub(crate) is_untold_proxy: bool,
    /// The address that such a proxy says it forwards for: the last, which it has added itself if it adds any. It keeps callers apart, and is good for
    /// nothing else: anybody may have made it up.
    pub(crate) claimed: Option<IpAddr>,
}

/// The proxies that are believed when they say whom they forward for, and where they write it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Proxies {
    /// Which: none, unless set.
    pub trusted: TrustedProxies,
    /// Where they write it.
    pub header: ForwardedHeader,
    /// Whether only they and this machine may connect: for a service that speaks no TLS itself.
    pub only_they: bool,
    /// Whether they name their client by the PROXY protocol. Then, too, only they and this machine may connect.
    pub protocol: ProxyProtocol,
}

/// The versions of the PROXY protocol that connections must begin with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ProxyProtocol {
    /// None: connections begin with TLS or HTTP.
    #[default]
    Off,
    /// Version 1, a line of text.
    V1,
    /// Version 2, binary.
    V2,
    /// Either.
    Any,
}

impl ProxyProtocol {
    /// Whether a connection must begin with a header.
    pub(crate) fn is_on(self) -> bool {
        self != Self::Off
    }

    pub(crate) fn takes_v1(self) -> bool {
        matches!(self, Self::V1 | Self::Any)
    }

    pub(crate) fn takes_v2(self) -> bool {
        matches!(self, Self::V2 | Self::Any)
    }
}

/// The header with the addresses that a request has come by, the latest at its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`.
    #[default]
    XForwardedFor,
    /// `Forwarded`, as RFC 7239 has it.
    Forwarded,
}

impl Proxies {
    /// Whether a connection from `peer` to `own` is taken at all.
    pub(crate) fn lets_in(&self, peer: IpAddr, own: Option<IpAddr>) -> bool {
        !(self.only_they || self.protocol.is_on()) || self.is_proxy(peer, own)
    }

    /// Whether a connection from `peer` to `own` may be one of many callers: it comes from a trusted proxy, or from this machine.
    pub(crate) fn is_proxy(&self, peer: IpAddr, own: Option<IpAddr>) -> bool {
        is_from_here(peer, own) || self.trusted.contains(peer)
    }

    /// Whether it is believed when it says whom it connects for.
    pub(crate) fn is_trusted(&self, peer: IpAddr) -> bool {
        self.trusted.contains(peer)
    }

    /// The sender of a request that came by a connection from `peer`: the nearest address that is no trusted proxy. Any client can have
    /// written the entries further away in the header.
    ///
    /// A proxy on this machine is taken for one by its header, though none is trusted. It is not believed whom it names. Only this machine is:
    /// from any other address a caller could write the header himself, to be counted no more.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        let is_untold_proxy = self.trusted.is_empty()
            && peer.to_canonical().is_loopback()
            && NAMES_THE_CALLER.iter().any(|name| headers.contains_key(name));
        // The header is read only where the peer is believed.
        let hops = iter::once_with(|| self.hops(headers)).flat_map(|hops| hops.into_iter().rev());
        let claimed = is_untold_proxy.then(|| claimed(headers)).flatten();
        Client { address: self.trusted.nearest_stranger(peer, hops), is_untold_proxy, claimed }
    }

    /// The addresses in the header, the latest at the end; None for what is no address.
    pub(crate) fn hops(&self, headers: &HeaderMap) -> Vec<Option<IpAddr>> {
        let name = match self.header {
            ForwardedHeader::XForwardedFor => X_FORWARDED_FOR,
            ForwardedHeader::Forwarded => FORWARDED,
        };
        let lines = headers.get_all(name).into_iter();
        let words = lines.flat_map(|line| line.to_str().unwrap_or("?").split(','));
        words
            .map(|word| match self.header {
                ForwardedHeader::XForwardedFor => written_address(word.trim()),
                ForwardedHeader::Forwarded => forwarded_for(word),
            })
            .collect()
    }
}

/// Whether a connection from `peer` to `own` comes from this machine. Both have the same address then, or it is a loopback address.
fn is_from_here(peer: IpAddr, own: Option<IpAddr>) -> bool {
    peer.to_canonical().is_loopback() || own == Some(peer)
}

/// The last address by any of the headers that name the caller.
fn claimed(headers: &HeaderMap) -> Option<IpAddr> {
    NAMES_THE_CALLER.iter().find_map(|name| {
        let last = headers.get_all(name).into_iter().next_back()?.to_str().ok()?.rsplit(',').next()?;
        if *name == FORWARDED { forwarded_for(last) } else { written_address(last.trim()) }
    })
}

/// The `for` of one element of `Forwarded`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let pairs = element.split(';').filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("for"))?;
    written_address(value.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn proxies(header: ForwardedHeader) -> Proxies {
        let trusted = TrustedProxies::parse(["10.0.0.0/8", "fd00::/8", "192.0.2.7"]).unwrap();
        Proxies { trusted, header, only_they: true, protocol: ProxyProtocol::Off }
    }

    fn client(header: ForwardedHeader, peer: &str, lines: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        let name = if header == ForwardedHeader::Forwarded { FORWARDED } else { X_FORWARDED_FOR };
        for line in lines {
            headers.append(name.clone(), line.parse().unwrap());
        }
        proxies(header).client(peer.parse().unwrap(), &headers).address.to_string()
    }

    #[test]
    fn a_stranger_is_not_believed() {
        let x = ForwardedHeader::XForwardedFor;
        assert_eq!(client(x, "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(client(x, "10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        // The entries before the first stranger are the stranger's own.
        assert_eq!(client(x, "10.0.0.1", &["1.1.1.1, 198.51.100.1, 10.0.0.2"]), "198.51.100.1");
        assert_eq!(client(x, "10.0.0.1", &["1.1.1.1", "198.51.100.1"]), "198.51.100.1");
        assert_eq!(client(x, "10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(client(x, "10.0.0.1", &["198.51.100.1, unknown"]), "10.0.0.1");
        assert_eq!(client(x, "::ffff:10.0.0.1", &["[2001:db8::1]:4711"]), "2001:db8::1");
    }

    #[test]
    fn the_header_of_the_standard_is_read() {
        let f = ForwardedHeader::Forwarded;
        assert_eq!(client(f, "10.0.0.1", &["for=198.51.100.1;proto=https;by=10.0.0.1"]), "198.51.100.1");
        assert_eq!(client(f, "fd00::1", &["for=1.1.1.1, For=\"[2001:db8::1]:80\""]), "2001:db8::1");
        assert_eq!(client(f, "10.0.0.1", &["for=_hidden"]), "10.0.0.1");
        assert_eq!(client(f, "10.0.0.1", &["proto=https"]), "10.0.0.1");
    }

    #[test]
    fn a_proxy_that_no_setting_names_is_known_on_this_machine_alone() {
        let is_untold = |proxies: &Proxies, peer: &str, names: &[&'static str]| {
            let headers =
                names.iter().map(|&name| (HeaderName::from_static(name), "198.51.100.1".parse().unwrap()));
            proxies.client(peer.parse().unwrap(), &headers.collect()).is_untold_proxy
        };
        let none = Proxies::default();
        for header in ["x-forwarded-for", "forwarded", "x-real-ip"] {
            assert!(
                is_untold(&none, "127.0.0.1", &[header]) && is_untold(&none, "::ffff:127.0.0.1", &[header])
            );
            assert!(!is_untold(&none, "203.0.113.9", &[header]) && !is_untold(&none, "10.0.0.1", &[header]));
            assert!(!is_untold(&proxies(ForwardedHeader::XForwardedFor), "127.0.0.1", &[header]));
        }
        assert!(!is_untold(&none, "127.0.0.1", &["via"]));
    }

    #[test]
    fn only_a_proxy_that_no_setting_names_claims_an_address() {
        let claimed = |proxies: &Proxies, peer: &str, lines: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in lines {
                headers.append(*name, HeaderValue::from_static(value));
            }
            let claimed = proxies.client(peer.parse().unwrap(), &headers).claimed;
            claimed.map(|address| address.to_string())
        };
        let none = Proxies::default();
        let of_proxy = |lines: &[(&'static str, &'static str)]| claimed(&none, "127.0.0.1", lines);
        let told = ("x-forwarded-for", "1.1.1.1, 198.51.100.1");
        assert_eq!(of_proxy(&[told]).as_deref(), Some("198.51.100.1"));
        assert_eq!(
            of_proxy(&[told, ("x-forwarded-for", "198.51.100.2")]).as_deref(),
            Some("198.51.100.2"),
            "the last line"
        );
        assert_eq!(of_proxy(&[("x-real-ip", "198.51.100.3")]).as_deref(), Some("198.51.100.3"));
        let standard = ("forwarded", "for=1.1.1.1, for=\"[2001:db8::1]:80\";proto=https");
        assert_eq!(of_proxy(&[standard]).as_deref(), Some("2001:db8::1"));
        assert_eq!(of_proxy(&[("x-forwarded-for", "unknown")]), None);
        assert_eq!(claimed(&none, "203.0.113.9", &[told]), None);
        assert_eq!(claimed(&proxies(ForwardedHeader::XForwardedFor), "127.0.0.1", &[told]), None);
    }

    #[test]
    fn without_tls_nobody_else_is_let_in() {
        let proxies = proxies(ForwardedHeader::XForwardedFor);
        let own: IpAddr = "198.51.100.1".parse().unwrap();
        let lets_in = |peer: &str| proxies.lets_in(peer.parse().unwrap(), Some(own));
        assert!(lets_in("127.0.0.1") && lets_in("::1") && lets_in("10.1.2.3") && lets_in("::ffff:192.0.2.7"));
        assert!(!lets_in("203.0.113.9") && !lets_in("192.0.2.8"));
        // This machine calls itself by the address that the service listens on.
        assert!(lets_in("198.51.100.1") && !proxies.lets_in(own, None));
        assert!(Proxies::default().lets_in("203.0.113.9".parse().unwrap(), None));
        let is_proxy = |peer: &str| proxies.is_proxy(peer.parse().unwrap(), Some(own));
        assert!(is_proxy("127.0.0.1") && is_proxy("198.51.100.1") && is_proxy("10.1.2.3"));
        assert!(!is_proxy("203.0.113.9"));
        let by_header = Proxies { only_they: false, protocol: ProxyProtocol::Any, ..proxies.clone() };
        assert!(
            by_header.lets_in(own, Some(own))
                && !by_header.lets_in("203.0.113.9".parse().unwrap(), Some(own))
        );
        for bad in ["10.0.0.0/33", "proxy.example", ""] {
            assert_eq!(TrustedProxies::parse([bad]), Err(InvalidProxy));
        }
    }
}
