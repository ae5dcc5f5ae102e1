//! [`MetricsAccess`]: who may read the metrics.

use std::net::SocketAddr;

use http::header::{AUTHORIZATION, FORWARDED, HeaderMap, HeaderName, VIA};
use iampass_core::Secret;

use crate::client_address::ClientAddress;

/// The readers of `/metrics`: none, unless something is set. All others get the answer that there is no such page.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct MetricsAccess {
    /// Callers from this machine that do not come through a proxy as far as that can be seen. Not for a service behind a proxy on the same
    /// machine that adds no header of its own: there, everybody seems to call from this machine.
    pub from_this_machine: bool,
    /// Callers that know this text and send `Authorization: Bearer TEXT`.
    pub token: Option<Secret>,
    /// Everybody who reaches this address, on which nothing but `/metrics`, `/healthz` and `/readyz` is served, without TLS: for a network
    /// of one's own.
    pub listen: Option<SocketAddr>,
}

/// The headers that proxies add. A caller through a proxy is not this machine.
const OF_PROXIES: [HeaderName; 3] = [FORWARDED, VIA, HeaderName::from_static("x-forwarded-for")];

impl MetricsAccess {
    /// Whether somebody who asks on the address of the service itself may read them.
    pub(super) fn allows(&self, headers: &HeaderMap, address: Option<ClientAddress>) -> bool {
        self.knows_token(headers) || (self.from_this_machine && is_of_this_machine(headers, address))
    }

    fn knows_token(&self, headers: &HeaderMap) -> bool {
        let Some(token) = self.token.as_ref().filter(|token| !token.is_empty()) else { return false };
        let sent = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let sent = sent.and_then(|value| value.split_once(' '));
        sent.is_some_and(|(scheme, sent)| scheme.eq_ignore_ascii_case("bearer") && token.matches(sent))
    }
}

fn is_of_this_machine(headers: &HeaderMap, address: Option<ClientAddress>) -> bool {
    address.is_some_and(|address| address.ip().to_canonical().is_loopback())
        && !OF_PROXIES.iter().any(|name| headers.contains_key(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxies::Client;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        lines.iter().map(|&(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn from(address: &str) -> Option<ClientAddress> {
        let address = address.parse().unwrap();
        Some(ClientAddress(Client { address, is_untold_proxy: false, claimed: None }))
    }

    #[test]
    fn nobody_may_unless_it_is_set() {
        let none = MetricsAccess::default();
        assert!(!none.allows(&headers(&[("authorization", "Bearer ")]), from("127.0.0.1")));
        let empty = MetricsAccess { token: Some(Secret::new("")), ..none };
        assert!(!empty.allows(&headers(&[("authorization", "Bearer ")]), from("127.0.0.1")));
    }

    #[test]
    fn only_who_is_here_is_of_this_machine() {
        let access = MetricsAccess { from_this_machine: true, ..MetricsAccess::default() };
        for here in ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"] {
            assert!(access.allows(&headers(&[]), from(here)), "{here}");
        }
        assert!(!access.allows(&headers(&[]), from("10.0.0.1")));
        assert!(!access.allows(&headers(&[]), None));
        for proxied in ["x-forwarded-for", "forwarded", "via"] {
            assert!(!access.allows(&headers(&[(proxied, "127.0.0.1")]), from("127.0.0.1")), "{proxied}");
        }
    }

    #[test]
    fn a_token_is_needed_as_a_whole() {
        let access = MetricsAccess { token: Some(Secret::new("abc")), ..MetricsAccess::default() };
        let allows = |value| access.allows(&headers(&[("authorization", value)]), from("10.0.0.1"));
        assert!(allows("Bearer abc"));
        assert!(allows("bearer abc"));
        for wrong in ["Bearer ab", "Bearer abcd", "Bearer ", "Basic abc", "abc", "Bearer  abc"] {
            assert!(!allows(wrong), "{wrong}");
        }
    }
}
