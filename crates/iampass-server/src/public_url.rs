//! The address under which clients and phones know the service, where that is not the one it listens on.

use std::fmt;
use std::str::FromStr;

use http::Uri;
use http::uri::PathAndQuery;
use url::Url;

use crate::routes::routes;

/// A `--public-url`: scheme, host, port and path prefix. Clients sign what they call, so it has to be written as they write it: a host in
/// lower case, no port where it is the usual one, no `..` in the path. Another spelling is refused, with the one that is right.
///
/// ```
/// use iampass_server::PublicUrl;
///
/// let url: PublicUrl = "https://login.example/iampass/".parse()?;
/// assert_eq!(url.as_str(), "https://login.example/iampass");
/// assert!("https://login.example/?a=b".parse::<PublicUrl>().is_err());
/// let refused = "https://Login.Example:443".parse::<PublicUrl>().unwrap_err();
/// assert!(refused.to_string().contains("https://login.example"));
/// # Ok::<(), iampass_server::InvalidPublicUrl>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    url: String,
    scheme_length: usize,
    authority: String,
}

/// Why a text cannot be a public URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPublicUrl {
    /// It is none, or more than scheme, host, port and path.
    #[error("{what}: write it as https://host, https://host:port or https://host/prefix")]
    NotOne {
        /// The error, as the beginning of a sentence.
        what: &'static str,
    },
    /// Clients would write it otherwise, and so sign another URL than the service checks.
    #[error(
        "clients write this public URL in another way, and sign it as they write it: write it as {canonical}"
    )]
    NotCanonical {
        /// The one spelling that all agree on.
        canonical: String,
    },
}

impl PublicUrl {
    /// The URL without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// Whether it is `https`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.starts_with("https://")
    }

    /// Scheme, host and port.
    pub(crate) fn origin(&self) -> String {
        format!("{}{}", self.url.get(..self.scheme_length).unwrap_or_default(), self.authority)
    }

    /// The path below which the service is shown, without a slash at its end.
    pub(crate) fn path(&self) -> &str {
        self.without_scheme().get(self.authority.len()..).unwrap_or_default()
    }

    /// Whether its path holds nothing but letters, digits, `-` and `_`, as that of the Console's login.
    pub(crate) fn has_plain_path(&self) -> bool {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let is_segment = |segment: &str| !segment.is_empty() && segment.bytes().all(is_plain);
        self.path().strip_prefix('/').is_none_or(|path| path.split('/').all(is_segment))
    }

    /// Where a request leads that has the path prefix still in it, because the proxy leaves it as it is. None for one that has not.
    ///
    /// A prefix that begins like an address of the service itself (`/console`) could not be told from that: there the proxy takes it off.
    pub(crate) fn within(&self, uri: &Uri) -> Option<Uri> {
        let prefix = Some(self.path()).filter(|prefix| !prefix.is_empty())?;
        let target = uri.path_and_query()?.as_str().strip_prefix(prefix)?;
        let first = prefix.trim_start_matches('/').split('/').next();
        if !(target.is_empty() || target.starts_with(['/', '?'])) || first.is_some_and(is_own_segment) {
            return None;
        }
        let target = if target.starts_with('/') { target.to_owned() } else { format!("/{target}") };
        let mut parts = uri.clone().into_parts();
        parts.path_and_query = Some(PathAndQuery::try_from(target).ok()?);
        Uri::from_parts(parts).ok()
    }

    /// The host, without its port.
    pub(crate) fn host(&self) -> String {
        let url = Url::parse(&self.url).ok();
        url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }

    /// `host[:port]`.
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// `host[:port]/prefix`, as it is signed.
    pub(crate) fn without_scheme(&self) -> &str {
        self.url.get(self.scheme_length..).unwrap_or_default()
    }
}

/// Whether an address of the service begins with this segment.
fn is_own_segment(segment: &str) -> bool {
    routes().any(|route| route.pattern.trim_start_matches('/').split('/').next() == Some(segment))
}

impl FromStr for PublicUrl {
    type Err = InvalidPublicUrl;

    fn from_str(text: &str) -> Result<Self, InvalidPublicUrl> {
        let refuse = |what| Err(InvalidPublicUrl::NotOne { what });
        if text.contains(['#', '?']) {
            return refuse("the public URL has a query or a fragment");
        }
        let Ok(uri) = text.parse::<Uri>() else { return refuse("the public URL is not a URL") };
        let scheme = match uri.scheme_str() {
            Some(scheme @ ("https" | "http")) => scheme,
            _ => return refuse("the public URL is neither https nor http"),
        };
        let Some(authority) = uri.authority().map(|authority| authority.as_str()) else {
            return refuse("the public URL has no host");
        };
        if authority.contains('@') {
            return refuse("the public URL holds a user name");
        }
        let scheme_length = scheme.len() + "://".len();
        let rest = text.get(scheme_length..).unwrap_or_default();
        if rest.contains("://") {
            return refuse("the public URL holds `://` twice, which a signature does not protect");
        }
        // The parser of the clients of this project, and of most others.
        let Ok(canonical) = Url::parse(text) else { return refuse("the public URL is not a URL") };
        let (url, canonical) = (text.trim_end_matches('/'), canonical.as_str().trim_end_matches('/'));
        if url != canonical {
            return Err(InvalidPublicUrl::NotCanonical { canonical: canonical.to_owned() });
        }
        Ok(Self { url: url.to_owned(), scheme_length, authority: authority.to_owned() })
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_kept_as_written() {
        let url: PublicUrl = "https://login.example:8443/a%2fb/".parse().unwrap();
        assert_eq!(url.as_str(), "https://login.example:8443/a%2fb");
        assert_eq!(url.without_scheme(), "login.example:8443/a%2fb");
        assert_eq!(url.authority(), "login.example:8443");
        for plain in ["http://127.0.0.1:8089", "http://localhost", "https://[::1]/x", "http://h:443"] {
            assert_eq!(plain.parse::<PublicUrl>().unwrap().as_str(), plain);
        }
    }

    #[test]
    fn a_prefix_that_is_left_by_the_proxy_is_taken_off_once() {
        let within = |public: &str, asked: &str| {
            let public: PublicUrl = public.parse().unwrap();
            public.within(&asked.parse().unwrap()).map(|uri| uri.to_string())
        };
        let below = "https://h/some/prefix";
        assert_eq!(within(below, "/some/prefix/r/x?a=%2F").as_deref(), Some("/r/x?a=%2F"));
        assert_eq!(within(below, "/some/prefix").as_deref(), Some("/"));
        assert_eq!(within(below, "/some/prefix?a").as_deref(), Some("/?a"));
        assert_eq!(within(below, "/some/prefix/some/prefix/r").as_deref(), Some("/some/prefix/r"));
        for other in ["/r/x", "/some/prefixed/r", "/some", "/Some/prefix/r"] {
            assert_eq!(within(below, other), None, "{other}");
        }
        assert_eq!(within("https://h", "/r/x"), None);
        // It is not known whether the proxy took it off.
        assert_eq!(within("https://h/console", "/console/account"), None);
    }

    /// Whatever is accepted is what our own client makes of it.
    #[test]
    fn another_spelling_is_refused_with_the_right_one() {
        for (text, right) in [
            ("https://h:443", "https://h"),
            ("http://h:80/x", "http://h/x"),
            ("https://Login.Example/Prefix/", "https://login.example/Prefix"),
            ("HTTPS://h", "https://h"),
            ("https://h/a/../b", "https://h/b"),
            ("https://h/a/%2e", "https://h/a"),
            ("https://[0:0::1]:8443", "https://[::1]:8443"),
            ("https://127.1", "https://127.0.0.1"),
            ("https://h:08443", "https://h:8443"),
        ] {
            let refused = text.parse::<PublicUrl>().unwrap_err();
            assert_eq!(refused, InvalidPublicUrl::NotCanonical { canonical: right.to_owned() }, "{text}");
            assert!(refused.to_string().ends_with(right), "{refused}");
            let accepted: PublicUrl = right.parse().unwrap();
            if let Ok(server) = iampass_core::Server::parse(text) {
                assert_eq!(server.base(), accepted.as_str());
            }
        }
    }

    #[test]
    fn what_cannot_be_signed_is_refused() {
        for text in [
            "",
            "host",
            "ftp://h",
            "https://",
            "https://h/#f",
            "https://u@h",
            "/a",
            "https://h/a://b",
            "https://h /",
        ] {
            assert!(text.parse::<PublicUrl>().is_err(), "{text:?}");
        }
    }
}
