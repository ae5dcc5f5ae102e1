//! Where the service is, and which URLs may be called at all (law 5).
//!
//! Belongs here: the configured address and the check of every URL that the service hands out. Does not belong here: what is
//! sent there.

use std::fmt;
use std::net::IpAddr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::{Host, Origin, Url};

/// Everything but RFC 3986's unreserved characters is escaped, a space as `%20`, which both ways of decoding read alike \[X\].
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The two names of the live service: \[P\] uses one, \[D\] the other, and either may hand out URLs of the other.
const LIVE: [&str; 2] = ["https://iam-api.com", "https://main.iam-api.com"];

/// The service's base URL and the origins on which its URLs may be called.
///
/// ```
/// use iampass_core::Server;
///
/// let server = Server::parse("https://login.example/iampass/")?;
/// assert!(server.check("https://login.example/iampass/session/1").is_ok());
/// assert!(server.check("https://evil.example/session/1").is_err());
/// assert!(Server::parse("http://login.example").is_err(), "https is required");
/// assert!(Server::parse("http://127.0.0.1:8089").is_ok(), "but on the same machine");
/// # Ok::<(), iampass_core::RefusedUrl>(())
/// ```
#[derive(Clone, Debug)]
pub struct Server {
    /// Without a slash at its end.
    base: String,
    allowed: Vec<Origin>,
}

/// Why a URL is not called. It never holds the URL: those of sessions are good as names of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RefusedUrl {
    /// It is no absolute URL.
    #[error("it is not an absolute URL")]
    Malformed,
    /// Plain http is for this machine only.
    #[error("it is not https, and its host is not this machine (127.0.0.1, [::1] or localhost)")]
    NotHttps,
    /// Another origin than the configured one.
    #[error("it leads to another origin than the configured service")]
    OtherOrigin,
    /// A user name, password or fragment, or `://` after the scheme: parts that are not sent, or not signed.
    #[error("it has a part that cannot be signed and sent as it stands")]
    NotSignable,
    /// A base URL ends with its path.
    #[error("a base URL has no query")]
    HasQuery,
}

/// A URL that has been checked: it may be called, and it is sent as it is signed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ServiceUrl(Box<str>);

impl ServiceUrl {
    /// The URL, in the one spelling in which it is signed and sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServiceUrl({:?})", &self.0)
    }
}

impl fmt::Display for ServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Server {
    /// The service at `base`. Its URLs are called on this origin only; the two names of the live service count as one \[D\]\[P\].
    ///
    /// # Errors
    /// [`RefusedUrl`] when `base` is not an `https` URL (or `http` to this machine), or has more than origin and path.
    pub fn parse(base: &str) -> Result<Self, RefusedUrl> {
        let url = parse(base)?;
        if url.query().is_some() {
            return Err(RefusedUrl::HasQuery);
        }
        let mut allowed = vec![url.origin()];
        let live: Vec<_> =
            LIVE.iter().filter_map(|live| Url::parse(live).ok()).map(|url| url.origin()).collect();
        if live.contains(&url.origin()) {
            allowed.extend(live.into_iter().filter(|origin| *origin != url.origin()));
        }
        Ok(Self { base: url.as_str().trim_end_matches('/').to_owned(), allowed })
    }

    /// Lets the service hand out URLs of one more origin.
    ///
    /// # Errors
    /// As [`Server::parse`].
    pub fn allow(mut self, origin: &str) -> Result<Self, RefusedUrl> {
        let origin = parse(origin)?.origin();
        if !self.allowed.contains(&origin) {
            self.allowed.push(origin);
        }
        Ok(self)
    }

    /// The base URL, without a slash at its end.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Checks a URL that the service handed out.
    ///
    /// # Errors
    /// [`RefusedUrl`]: it must not be called, and its session cannot be used.
    pub fn check(&self, url: &str) -> Result<ServiceUrl, RefusedUrl> {
        let url = parse(url)?;
        if !self.allowed.contains(&url.origin()) {
            return Err(RefusedUrl::OtherOrigin);
        }
        Ok(ServiceUrl(String::from(url).into_boxed_str()))
    }

    /// The URL of a call: `{base}/{segment}/{segment}?{name}={value}`, each part escaped.
    pub(crate) fn call_url(&self, segments: &[&str], query: &[(&str, &str)]) -> ServiceUrl {
        let mut url = self.base.clone();
        for segment in segments {
            url.push('/');
            url.extend(utf8_percent_encode(segment, COMPONENT));
        }
        for (at, (name, value)) in query.iter().enumerate() {
            url.push(if at == 0 { '?' } else { '&' });
            url.push_str(name);
            url.push('=');
            // The published client joins methods with bare commas [P].
            for (at, part) in value.split(',').enumerate() {
                if at > 0 {
                    url.push(',');
                }
                url.extend(utf8_percent_encode(part, COMPONENT));
            }
        }
        ServiceUrl(url.into_boxed_str())
    }
}

fn parse(text: &str) -> Result<Url, RefusedUrl> {
    // The URL parser would drop tabs and line ends without a word.
    if text.bytes().any(|byte| byte.is_ascii_control() || byte == b' ') {
        return Err(RefusedUrl::Malformed);
    }
    let url = Url::parse(text).map_err(|_| RefusedUrl::Malformed)?;
    let host = url.host().ok_or(RefusedUrl::Malformed)?;
    match url.scheme() {
        "https" => {}
        "http" if is_this_machine(&host) => {}
        _ => return Err(RefusedUrl::NotHttps),
    }
    let after_scheme = url.as_str().split_once("://").map_or("", |(_, rest)| rest);
    let unsigned = !url.username().is_empty() || url.password().is_some() || url.fragment().is_some();
    if unsigned || after_scheme.contains("://") {
        return Err(RefusedUrl::NotSignable);
    }
    Ok(url)
}

fn is_this_machine(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => IpAddr::V4(*address).is_loopback(),
        Host::Ipv6(address) => IpAddr::V6(*address).is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn server() -> Server {
        Server::parse("https://login.example:8443/iampass").unwrap()
    }

    #[test]
    fn only_the_configured_origin_is_called() {
        for (url, refused) in [
            ("https://login.example/iampass/s", RefusedUrl::OtherOrigin),
            ("https://login.example.evil.example:8443/s", RefusedUrl::OtherOrigin),
            ("https://evil.example:8443/login.example", RefusedUrl::OtherOrigin),
            ("https:\\\\evil.example:8443\\login.example", RefusedUrl::OtherOrigin),
            ("http://login.example:8443/s", RefusedUrl::NotHttps),
            ("ftp://login.example:8443/s", RefusedUrl::NotHttps),
            ("https://login.example:8443@evil.example/s", RefusedUrl::NotSignable),
            ("https://user@login.example:8443/s", RefusedUrl::NotSignable),
            ("https://login.example:8443/s#x", RefusedUrl::NotSignable),
            ("https://login.example:8443/s?next=https://x", RefusedUrl::NotSignable),
            ("https://login.example:8443/\ns", RefusedUrl::Malformed),
            ("//login.example:8443/s", RefusedUrl::Malformed),
            ("/s", RefusedUrl::Malformed),
            ("", RefusedUrl::Malformed),
            ("javascript:alert(1)", RefusedUrl::Malformed),
        ] {
            assert_eq!(server().check(url), Err(refused), "{url}");
        }
        assert!(server().check("https://login.example:8443/anywhere?x=1").is_ok());
        assert!(server().check("HTTPS://LOGIN.example:8443/x").is_ok());
    }

    #[test]
    fn the_live_service_has_two_names() {
        for (base, other) in [(LIVE[0], LIVE[1]), (LIVE[1], LIVE[0])] {
            let server = Server::parse(base).unwrap();
            assert!(server.check(&format!("{other}/s")).is_ok());
            assert!(server.check("https://sub.main.iam-api.com/s").is_err());
        }
        assert!(server().check("https://iam-api.com/s").is_err());
    }

    #[test]
    fn one_more_origin_can_be_allowed() {
        let server = server().allow("https://sessions.example").unwrap();
        assert!(server.check("https://sessions.example/s").is_ok());
        assert!(server.check("https://sessions.example:444/s").is_err());
    }

    #[test]
    fn plain_http_is_for_this_machine() {
        for base in ["http://localhost:1", "http://127.9.9.9:1", "http://[::1]:1", "https://10.0.0.1"] {
            assert!(Server::parse(base).is_ok(), "{base}");
        }
        for base in [
            "http://10.0.0.1",
            "http://localhost.evil.example",
            "http://iam-api.com",
            "http://[::2]",
            "http://0.0.0.0",
        ] {
            assert_eq!(Server::parse(base).err(), Some(RefusedUrl::NotHttps), "{base}");
        }
        assert_eq!(Server::parse("https://iam-api.com/?a=b").err(), Some(RefusedUrl::HasQuery));
    }

    #[test]
    fn call_urls_are_escaped_part_by_part() {
        let url = server()
            .call_url(&["management", "a b/c@d+é?&=%"], &[("methods", "acceptance,device"), ("n", "J ü&")]);
        assert_eq!(
            url.as_str(),
            "https://login.example:8443/iampass/management/a%20b%2Fc%40d%2B%C3%A9%3F%26%3D%25?methods=acceptance,device&n=J%20%C3%BC%26"
        );
        assert_eq!(Server::parse("https://iam-api.com:443/").unwrap().base(), "https://iam-api.com");
    }

    proptest! {
        /// A transport that parses URLs must arrive at the very same text. The exceptions are the dot segments, which
        /// such a transport refuses.
        #[test]
        fn a_call_url_is_its_own_canonical_form(user in "\\PC{1,40}", value in "\\PC{0,40}") {
            prop_assume!(user != "." && user != "..");
            let url = server().call_url(&["management", &user], &[("display_name", &value)]);
            prop_assert_eq!(&String::from(Url::parse(url.as_str()).unwrap()), url.as_str());
            prop_assert_eq!(server().check(url.as_str()).unwrap(), url);
        }
    }
}
