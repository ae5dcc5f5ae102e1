//! Where the service is, and which URLs may be called at all (law 5).
//!
//! Belongs here: the configured address and the check of every URL that the service hands out. Does not belong here: what is
//! sent there.

use std::fmt;
use std::net::IpAddr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::{Host, Origin, Url};

/// RFC 3986's unreserved characters are never escaped. A space is `%20`, which both ways of decoding read alike \[X\].
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A segment of a path. Proxies that decode paths decode these characters, and the signature breaks; raw, they pass all proxies \[X\].
/// `! ' ( ) *` may stand raw as well, but some proxies escape them. `/ + [ ]` pass in neither spelling.
const PATH_SEGMENT: &AsciiSet =
    &UNRESERVED.remove(b'$').remove(b'&').remove(b',').remove(b';').remove(b'=').remove(b':').remove(b'@');

/// A value of a query. The same reason as for [`PATH_SEGMENT`]; the published client joins methods with bare commas \[P\].
const QUERY_VALUE: &AsciiSet =
    &UNRESERVED.remove(b'$').remove(b',').remove(b'/').remove(b':').remove(b';').remove(b'?').remove(b'@');

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
    /// A URL that was checked before, as it was then.
    pub(crate) fn of_checked(url: String) -> Self {
        Self(url.into_boxed_str())
    }

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
            url.extend(path_segment(segment));
        }
        for (at, (name, value)) in query.iter().enumerate() {
            url.push(if at == 0 { '?' } else { '&' });
            url.push_str(name);
            url.push('=');
            url.push_str(&query_value(value));
        }
        ServiceUrl(url.into_boxed_str())
    }
}

/// A segment of a path in the spelling of this project's client.
///
/// ```
/// let spelled: String = iampass_core::path_segment("ann@example.org/a b").collect();
/// assert_eq!(spelled, "ann@example.org%2Fa%20b");
/// ```
pub fn path_segment(text: &str) -> impl Iterator<Item = &str> {
    utf8_percent_encode(text, PATH_SEGMENT)
}

/// A value of a query in the spelling of this project's client. `://` is not left raw, because a signature does not protect what stands
/// before it.
///
/// ```
/// assert_eq!(iampass_core::query_value("a:/b?c+d"), "a:/b?c%2Bd");
/// assert_eq!(iampass_core::query_value("https://h"), "https%3A//h");
/// ```
#[must_use]
pub fn query_value(text: &str) -> String {
    utf8_percent_encode(text, QUERY_VALUE).to_string().replace("://", "%3A//")
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
            "https://login.example:8443/iampass/management/a%20b%2Fc@d%2B%C3%A9%3F&=%25?methods=acceptance,device&n=J%20%C3%BC%26"
        );
        assert_eq!(Server::parse("https://iam-api.com:443/").unwrap().base(), "https://iam-api.com");
    }

    /// The characters that real proxies leave alone are raw, all others are escaped.
    #[test]
    fn call_urls_are_spelled_as_proxies_leave_them() {
        let every: String = (b' '..=b'~').map(char::from).collect();
        let url = server().call_url(&["m", &every], &[("n", &every)]);
        let raw = |part: &str| {
            let escaped =
                part.split('%').enumerate().map(|(at, text)| if at == 0 { text } else { &text[2..] });
            let is_sign = |char: &char| !char.is_ascii_alphanumeric();
            escaped.collect::<String>().chars().filter(is_sign).collect::<String>()
        };
        let (path, query) = url.as_str().split_once('?').unwrap();
        assert_eq!(raw(path.rsplit('/').next().unwrap()), "$&,-.:;=@_~");
        assert_eq!(raw(query.split_once('=').unwrap().1), "$,-./:;?@_~");
    }

    #[test]
    fn a_scheme_in_a_query_does_not_cut_the_signed_url() {
        for value in ["https://x", "://", ":///", "a:// ://b", ":://"] {
            let url = server().call_url(&["m"], &[("n", value), ("o", value)]);
            assert_eq!(server().check(url.as_str()).as_ref(), Ok(&url), "{url}");
        }
        let url = server().call_url(&["m:", "//", "u"], &[("n", ":"), ("o", "//")]);
        assert_eq!(server().check(url.as_str()).as_ref(), Ok(&url), "{url}");
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
