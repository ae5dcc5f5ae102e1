//! The address that the service takes for the caller's.

use std::net::SocketAddr;

use http::HeaderValue;
use http::header::{FORWARDED, HeaderName};

use super::advice::{Front, Trouble};
use super::echo::Echo;
use super::finding::Report;
use crate::ProxyProtocol;
use crate::proxies::X_FORWARDED_FOR;

/// The address that a probe lies about: one for documentation, which no client has.
const LIE: &str = "198.51.100.7";

/// Headers by which a caller may claim another address.
pub(super) const LIES: [(HeaderName, HeaderValue); 2] = [
    (X_FORWARDED_FOR, HeaderValue::from_static(LIE)),
    (FORWARDED, HeaderValue::from_static("for=198.51.100.7")),
];

/// Judges what arrived with [`LIES`] by a connection whose own end was `local`.
pub(super) fn judge(
    echo: &Echo,
    local: SocketAddr,
    header: ProxyProtocol,
    front: Front,
    report: &mut Report,
) {
    let topic = "caller's address";
    let advice = front.advice(Trouble::Address);
    let peer = echo.peer.parse::<SocketAddr>().ok();
    let peer_address = peer.map_or_else(|| echo.peer.clone(), |peer| peer.ip().to_canonical().to_string());
    if !echo.is_trusted && peer == Some(local) {
        report.good(topic, format!("{peer_address}, and there is no proxy between"));
        return;
    }
    if !echo.is_trusted && header.is_on() {
        // A trusted proxy has named it before the connection began, and not its own address.
        let local = local.ip().to_canonical();
        if peer.is_some_and(|peer| peer.ip().to_canonical() == local) {
            report.good(topic, format!("{peer_address}, as the header of the PROXY protocol says"));
        } else {
            report.note(
                topic,
                format!(
                    "the header of the PROXY protocol says {peer_address}, and this command has {local}: there is NAT between, or another proxy, \
                     which would have to send the header as well"
                ),
            );
        }
        return;
    }
    if !echo.is_trusted {
        report.change(
            topic,
            format!(
                "the service takes {peer_address} for the caller, and so all callers share one address. If {peer_address} is your proxy, add it: \
                 trusted_proxies = [\"{peer_address}\"], or --trusted-proxy {peer_address}"
            ),
        );
        return;
    }
    let local = local.ip().to_canonical();
    // This command may run on the machine of the proxy: its own address is the caller's then, trusted or not.
    let told = echo.hops.iter().rev().find(|hop| !hop.is_trusted || hop.address == Some(local));
    match told.map(|hop| hop.address) {
        Some(Some(address)) if address.to_string() == LIE => report.change(
            topic,
            format!(
                "a caller chooses it: the service believes the address that the caller itself wrote into X-Forwarded-For or Forwarded. {advice}"
            ),
        ),
        Some(Some(address)) => {
            report.good(topic, format!("{address}, as the trusted proxy {peer_address} says"));
        }
        Some(None) | None => {
            let seen = if echo.forwarded.is_empty() { "no line".to_owned() } else { echo.forwarded.join(", ") };
            report.change(
                topic,
                format!(
                    "the trusted proxy {peer_address} does not tell it by the header that forwarded_header names: {seen} arrived, and so all \
                     callers share one address. {advice}"
                ),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::echo::Hop;
    use super::*;

    const LOCAL: &str = "10.0.0.9:4711";

    /// A hop with a star is a trusted proxy.
    fn judged(peer: &str, is_trusted: bool, hops: &[&str]) -> (usize, String) {
        judged_with(ProxyProtocol::Off, peer, is_trusted, hops)
    }

    fn judged_with(header: ProxyProtocol, peer: &str, is_trusted: bool, hops: &[&str]) -> (usize, String) {
        let hop = |text: &&str| Hop {
            address: text.trim_end_matches('*').parse().ok(),
            is_trusted: text.ends_with('*'),
        };
        let hops = hops.iter().map(hop).collect();
        let echo = Echo { peer: peer.into(), is_trusted, hops, ..Echo::default() };
        let mut report = Report::default();
        judge(&echo, LOCAL.parse().unwrap(), header, Front::Nginx, &mut report);
        (report.changes(), report.to_string())
    }

    #[test]
    fn each_way_to_get_it_wrong_is_told_from_the_right_ones() {
        for (peer, is_trusted, hops, changes, told) in [
            ("127.0.0.1:1", true, &["10.0.0.9"][..], 0, "trusted proxy 127.0.0.1"),
            ("127.0.0.1:1", true, &[LIE, "203.0.113.5"], 0, "203.0.113.5, as the"),
            // On the machine of the proxy.
            ("10.0.0.9:1", true, &[LIE, "10.0.0.9*"], 0, "10.0.0.9, as the"),
            // Two proxies.
            ("127.0.0.1:1", true, &[LIE, "203.0.113.5", "10.0.0.2*"], 0, "203.0.113.5, as the"),
            (LOCAL, false, &[LIE], 0, "no proxy between"),
            ("127.0.0.1:1", true, &[LIE], 1, "a caller chooses it"),
            ("127.0.0.1:1", true, &[LIE, "10.0.0.2*"], 1, "a caller chooses it"),
            ("10.0.0.1:1", false, &[LIE], 1, "--trusted-proxy 10.0.0.1"),
            ("127.0.0.1:1", true, &[], 1, "no line arrived"),
            ("127.0.0.1:1", true, &["unknown"], 1, "does not tell it"),
        ] {
            let (found, said) = judged(peer, is_trusted, hops);
            assert_eq!(found, changes, "{said}");
            assert!(said.contains(told), "{told}: {said}");
        }
    }

    #[test]
    fn the_header_of_the_proxy_protocol_names_a_caller_that_is_no_proxy() {
        for (peer, is_trusted, changes, told) in [
            ("10.0.0.9:0", false, 0, "10.0.0.9, as the header"),
            ("203.0.113.5:0", false, 0, "there is NAT between"),
            // The header names nobody, and the proxy is taken for the caller.
            ("127.0.0.1:1", true, 1, "a caller chooses it"),
        ] {
            let (found, said) = judged_with(ProxyProtocol::V2, peer, is_trusted, &[LIE]);
            assert_eq!(found, changes, "{said}");
            assert!(said.contains(told) && !said.contains("--trusted-proxy"), "{told}: {said}");
        }
    }
}
