//! [`Endpoint`]: the URL at which a push service takes messages for one subscription.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

use crate::public_address::is_public;

/// The longest URL that is taken, in bytes. Those of browsers have 150 to 500.
pub const LONGEST_ENDPOINT: usize = 1_024;

/// How far a stranger's URL may lead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// To the public internet, by HTTPS.
    #[default]
    Public,
    /// Anywhere, by HTTP too. For tests, and for a push service that stands in the operator's own network: a phone can then make this
    /// service call any address there.
    Everywhere,
}

impl Reach {
    pub(crate) fn allows(self, address: IpAddr) -> bool {
        self == Self::Everywhere || is_public(address)
    }
}

/// Where a push service takes messages for one subscription. The URL is a secret of the phone: it is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint(Box<str>);

/// Why a URL is no endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidEndpoint {
    /// It is too long.
    #[error("the endpoint is longer than 1024 bytes: subscribe again")]
    TooLong,
    /// It is no URL, is not written as a browser writes it, or holds a user name, a password or a fragment.
    #[error("the endpoint is not a URL as PushSubscription.endpoint gives it: pass that on unchanged")]
    NoUrl,
    /// It would go in clear.
    #[error("the endpoint does not begin with https://")]
    NotHttps,
    /// It leads into a private network.
    #[error("the endpoint leads to an address that is not of the public internet")]
    NotPublic,
}

impl Endpoint {
    /// Checks a URL that came from a phone. The name in it is looked up only when something is sent, and its addresses are checked then.
    ///
    /// # Errors
    /// [`InvalidEndpoint`], which does not repeat the URL.
    pub fn new(text: &str, reach: Reach) -> Result<Self, InvalidEndpoint> {
        use InvalidEndpoint as E;
        if text.len() > LONGEST_ENDPOINT {
            return Err(E::TooLong);
        }
        let url = Url::parse(text).map_err(|_| E::NoUrl)?;
        // A URL that a parser tidies up is not the one that the push service gave out.
        if url.as_str() != text
            || !url.username().is_empty()
            || url.password().is_some()
            || url.fragment().is_some()
        {
            return Err(E::NoUrl);
        }
        match url.scheme() {
            "https" => {}
            "http" if reach == Reach::Everywhere => {}
            _ => return Err(E::NotHttps),
        }
        let is_allowed = match url.host().ok_or(E::NoUrl)? {
            Host::Ipv4(address) => reach.allows(address.into()),
            Host::Ipv6(address) => reach.allows(address.into()),
            Host::Domain(name) => reach == Reach::Everywhere || !is_local_name(name),
        };
        if is_allowed { Ok(Self(text.into())) } else { Err(E::NotPublic) }
    }

    /// The whole URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Scheme, host and port: the audience of a token for it (RFC 8292, section 2).
    #[must_use]
    pub fn origin(&self) -> &str {
        let after_scheme = self.0.find("://").map_or(0, |at| at + 3);
        let host = self.0.get(after_scheme..).unwrap_or_default();
        let end = host.find(['/', '?']).unwrap_or(host.len());
        self.0.get(..after_scheme + end).unwrap_or_default()
    }
}

/// Whether a name means this machine or one nearby, whatever a name server says.
fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    !name.contains('.')
        || [".localhost", ".local", ".internal", ".home.arpa"].iter().any(|ending| name.ends_with(ending))
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Endpoint(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use InvalidEndpoint as E;

    fn refused(text: &str) -> Option<InvalidEndpoint> {
        Endpoint::new(text, Reach::Public).err()
    }

    #[test]
    fn endpoints_of_browsers_are_taken() {
        for (text, origin) in [
            (
                "https://updates.push.services.mozilla.com/wpush/v2/gAAAA",
                "https://updates.push.services.mozilla.com",
            ),
            ("https://jmt17.google.com/fcm/send/f1:APA91b", "https://jmt17.google.com"),
            ("https://web.push.apple.com/QGuY", "https://web.push.apple.com"),
            ("https://push.example:8443/a?b=c", "https://push.example:8443"),
            ("https://1.1.1.1/a", "https://1.1.1.1"),
        ] {
            assert_eq!(Endpoint::new(text, Reach::Public).unwrap().origin(), origin);
        }
    }

    #[test]
    fn a_url_that_leads_inside_is_refused() {
        for text in [
            "https://127.0.0.1/a",
            "https://10.0.0.1/a",
            "https://169.254.169.254/latest/meta-data",
            "https://[::1]/a",
            "https://[::ffff:7f00:1]/a",
            "https://[fd00::1]/a",
            "https://localhost/a",
            "https://push.localhost/a",
            "https://printer.local/a",
            "https://metadata.google.internal/a",
            "https://intranet/a",
            "https://localhost./a",
        ] {
            assert_eq!(refused(text), Some(E::NotPublic), "{text}");
        }
    }

    #[test]
    fn another_writing_of_an_address_is_no_way_around() {
        for text in
            ["https://0x7f.1/a", "https://2130706433/a", "https://127.1/a", "https://[::FFFF:127.0.0.1]/a"]
        {
            assert_eq!(refused(text), Some(E::NoUrl), "{text}");
        }
    }

    #[test]
    fn what_is_no_https_url_is_refused() {
        for text in ["http://push.example/a", "ftp://push.example/a", "wss://push.example/a"] {
            assert_eq!(refused(text), Some(E::NotHttps), "{text}");
        }
        for text in [
            "",
            "push",
            "https://",
            "https://a@push.example/a",
            "https://:b@push.example/a",
            "https://push.example/a#b",
            "https://push.example:443/a",
            "HTTPS://push.example/a",
        ] {
            assert_eq!(refused(text), Some(E::NoUrl), "{text}");
        }
        assert_eq!(refused(&format!("https://push.example/{}", "a".repeat(1_024))), Some(E::TooLong));
    }

    #[test]
    fn a_test_may_say_that_it_goes_anywhere() {
        for text in ["http://127.0.0.1:1/push/a", "https://localhost:1/a"] {
            assert!(Endpoint::new(text, Reach::Everywhere).is_ok(), "{text}");
        }
    }

    #[test]
    fn the_url_is_not_printed() {
        let endpoint = Endpoint::new("https://push.example/secret", Reach::Public).unwrap();
        assert_eq!(format!("{endpoint:?}"), "Endpoint(..)");
    }
}
