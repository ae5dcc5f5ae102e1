//! [`KnownAs`]: the names of the service, and the URLs under which a request to one of them may have been signed.
//!
//! Belongs here: which names count, and the URLs that are made of them. Does not belong here: whether a signature is good
//! ([`crate::authenticity`]).

use std::net::{IpAddr, SocketAddr};
use std::sync::OnceLock;

use http::uri::Authority;
use iampass_core::signing::{Presented, Refusal};

use crate::problem::Refused;
use crate::request::RequestHead;
use crate::{PublicUrl, ServiceConfig};

/// The names under which the service is known.
#[derive(Debug)]
pub(crate) struct KnownAs {
    public: Option<PublicUrl>,
    /// The address it listens on, once it does.
    bound: OnceLock<SocketAddr>,
    /// Whether it does TLS itself.
    has_tls: bool,
}

/// The claim of a request about its signer, not yet verified.
pub(crate) struct Claim<'r> {
    pub(crate) presented: Presented<'r>,
    pub(crate) urls: SignedUrls,
    pub(crate) head: RequestHead<'r>,
}

/// At most two ways to write the URL of one request.
#[derive(Debug)]
pub(crate) struct SignedUrls {
    as_called: Option<String>,
    as_published: Option<String>,
}

impl SignedUrls {
    /// Hands them over as [`iampass_core::signing::Presented::verify`] takes them.
    pub(crate) fn with<T>(&self, check: impl FnOnce(&[&str]) -> T) -> T {
        match (self.as_called.as_deref(), self.as_published.as_deref()) {
            (Some(called), Some(published)) if called != published => check(&[published, called]),
            (Some(url), _) | (None, Some(url)) => check(&[url]),
            (None, None) => check(&[]),
        }
    }
}

impl KnownAs {
    /// The names of a service that does not listen yet.
    pub(crate) fn new(config: &ServiceConfig) -> Self {
        Self { public: config.public_url.clone(), bound: OnceLock::new(), has_tls: config.tls.is_some() }
    }

    /// It listens here. Served on a second address, it still knows the first; the public URL is what settles such a case.
    pub(crate) fn listens_at(&self, address: SocketAddr) {
        let _ = self.bound.set(address);
    }

    /// The public URL, where there is one.
    pub(crate) fn public(&self) -> Option<&PublicUrl> {
        self.public.as_ref()
    }

    /// Whether callers reach the service by TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.has_tls || self.public.as_ref().is_some_and(PublicUrl::is_https)
    }

    /// Where the URLs begin that are issued in the answer to this request: the public URL, or the address that this caller used.
    pub(crate) fn issuing_base(&self, request: RequestHead<'_>) -> Result<String, Refused> {
        let scheme = if self.has_tls { "https" } else { "http" };
        match &self.public {
            Some(url) => Ok(url.as_str().to_owned()),
            None => Ok(format!("{scheme}://{}", request.authority()?)),
        }
    }

    /// The claim of a request, by its headers.
    pub(crate) fn claim<'r>(&self, request: RequestHead<'r>) -> Result<Claim<'r>, Refused> {
        let presented = Presented::from_headers(request.headers)?;
        let urls = self.signed_urls(request)?;
        Ok(Claim { presented, urls, head: request })
    }

    /// The URLs, without scheme, under which this request may rightly have been signed.
    fn signed_urls(&self, request: RequestHead<'_>) -> Result<SignedUrls, Refusal> {
        let target = request.target();
        let authority = request.authority()?;
        let as_called = self.allows(authority).then(|| [authority, target].concat());
        let as_published = self.public.as_ref().map(|url| format!("{}{target}", url.without_scheme()));
        Ok(SignedUrls { as_called, as_published })
    }

    /// Whether a request to `authority` may be signed for that name. Without a public URL any name will do; with one, only it and the
    /// address of the service itself, so that a request that was signed for another host cannot be carried over here.
    fn allows(&self, authority: &str) -> bool {
        let Some(public) = &self.public else { return true };
        authority.eq_ignore_ascii_case(public.authority()) || self.is_own_address(authority)
    }

    /// Whether it is this machine, by one of the names that it has for itself, where no other machine is in between.
    pub(crate) fn is_this_machine(&self, authority: &str) -> bool {
        let Ok(authority) = authority.parse::<Authority>() else { return false };
        let is_loopback = matches!(authority.host(), "localhost" | "127.0.0.1" | "[::1]");
        is_loopback && self.bound.get().is_none_or(|bound| names_port(&authority, bound.port()))
    }

    fn is_own_address(&self, authority: &str) -> bool {
        let Ok(authority) = authority.parse::<Authority>() else { return false };
        let host = authority.host();
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
        let loopback =
            host.eq_ignore_ascii_case("localhost") || address.is_some_and(|address| address.is_loopback());
        match self.bound.get() {
            Some(bound) => names_port(&authority, bound.port()) && (loopback || address == Some(bound.ip())),
            None => loopback,
        }
    }
}

/// Whether it leads to this port. Callers leave out the port that their scheme has by itself, and the scheme is not told.
fn names_port(authority: &Authority, port: u16) -> bool {
    authority.port_u16().map_or(matches!(port, 80 | 443), |named| named == port)
}

#[cfg(test)]
mod tests {
    use http::Request;
    use http::header::HOST;

    use super::*;

    fn request(target: &str, host: &str) -> Request<()> {
        Request::get(target).header(HOST, host).body(()).unwrap()
    }

    fn urls(request: &Request<()>, public: Option<&PublicUrl>, bound: Option<&str>) -> Vec<String> {
        let known_as = KnownAs { public: public.cloned(), bound: OnceLock::new(), has_tls: false };
        if let Some(bound) = bound {
            known_as.listens_at(bound.parse().unwrap());
        }
        let urls = known_as.signed_urls(RequestHead::of(request)).unwrap();
        urls.with(|urls| urls.iter().map(|&url| url.to_owned()).collect())
    }

    #[test]
    fn the_url_is_taken_byte_for_byte() {
        let plain = request("/a/%2e%2E/b+c//d?x=%20&y=", "Host.Example:8080");
        assert_eq!(urls(&plain, None, None), ["Host.Example:8080/a/%2e%2E/b+c//d?x=%20&y="]);
        let absolute = request("http://Other:1/a", "host");
        assert_eq!(urls(&absolute, None, None), ["Other:1/a"]);
    }

    #[test]
    fn behind_a_public_url_only_our_own_names_count() {
        let public: PublicUrl = "https://login.example/iam".parse().unwrap();
        let of = |host: &str| urls(&request("/a?b", host), Some(&public), Some("10.0.0.1:8089"));
        assert_eq!(of("login.example"), ["login.example/iam/a?b", "login.example/a?b"]);
        assert_eq!(of("127.0.0.1:8089"), ["login.example/iam/a?b", "127.0.0.1:8089/a?b"]);
        assert_eq!(of("LocalHost:8089"), ["login.example/iam/a?b", "LocalHost:8089/a?b"]);
        assert_eq!(of("[::1]:8089"), ["login.example/iam/a?b", "[::1]:8089/a?b"]);
        assert_eq!(of("10.0.0.1:8089"), ["login.example/iam/a?b", "10.0.0.1:8089/a?b"]);
        for stranger in ["evil.example", "127.0.0.1:9", "127.0.0.1", "login.example.evil", "10.0.0.2:8089"] {
            assert_eq!(of(stranger), ["login.example/iam/a?b"], "{stranger}");
        }
    }
}
