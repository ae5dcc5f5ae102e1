//! [`RegistrationLink`]: the link that registers a phone for a user.

use std::fmt;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::RefusedUrl;
#[cfg(feature = "qr")]
use crate::qr;

/// A link to be opened on the phone that is to be registered. It works once \[X\].
///
/// The person who opens it becomes the user, so it is a secret: show it to the user only. `Debug` prints no part of it.
///
/// ```
/// use iampass_core::RegistrationLink;
///
/// let link = RegistrationLink::parse("https://iam-api.com/r/abc")?;
/// assert_eq!(link.sms_uri("+15550100"), "sms:+15550100?body=https%3A%2F%2Fiam%2Dapi%2Ecom%2Fr%2Fabc");
/// # Ok::<(), iampass_core::RefusedUrl>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct RegistrationLink(Box<str>);

impl RegistrationLink {
    /// Checks a link that the service gave. Its origin is free, since the phone opens it and not the application.
    ///
    /// # Errors
    /// [`RefusedUrl`] when it is no `https` URL (or `http`, for a service that runs on this machine or is being tried out).
    pub fn parse(url: &str) -> Result<Self, RefusedUrl> {
        if url.bytes().any(|byte| byte.is_ascii_control() || byte == b' ') {
            return Err(RefusedUrl::Malformed);
        }
        let parsed = Url::parse(url).map_err(|_| RefusedUrl::Malformed)?;
        if !matches!(parsed.scheme(), "https" | "http") {
            return Err(RefusedUrl::NotHttps);
        }
        Ok(Self(url.into()))
    }

    /// The link as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// An e-mail to `address` with the link in it, for the user's own mail program.
    #[must_use]
    pub fn mailto_uri(&self, address: &str, subject: &str) -> String {
        let address = utf8_percent_encode(address, NON_ALPHANUMERIC).to_string().replace("%40", "@");
        let subject = utf8_percent_encode(subject, NON_ALPHANUMERIC);
        let body = utf8_percent_encode(&self.0, NON_ALPHANUMERIC);
        format!("mailto:{address}?subject={subject}&body={body}")
    }

    /// An SMS to `phone_number` (`+1…`) with the link in it.
    #[must_use]
    pub fn sms_uri(&self, phone_number: &str) -> String {
        let number: String = phone_number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
        format!("sms:{number}?body={}", utf8_percent_encode(&self.0, NON_ALPHANUMERIC))
    }

    /// The link as a QR code in SVG: black on white with a quiet zone, at least `size` pixels wide and high. `None` if
    /// the link is longer than a QR code can hold (about 2,900 characters).
    #[cfg(feature = "qr")]
    #[must_use]
    pub fn qr_svg(&self, size: u32) -> Option<String> {
        qr::svg(&self.0, size)
    }

    /// The link as a QR code of half-block characters for a terminal, with a quiet zone. It is drawn for dark terminals,
    /// where blocks are light. `None` if the link is longer than a QR code can hold.
    #[cfg(feature = "qr")]
    #[must_use]
    pub fn qr_terminal(&self) -> Option<String> {
        qr::terminal(&self.0)
    }
}

impl fmt::Debug for RegistrationLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RegistrationLink(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> RegistrationLink {
        RegistrationLink::parse("https://iam-api.com/r/abc?x=1&y=2").unwrap()
    }

    #[test]
    fn only_web_links_are_links() {
        for url in ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "intent://x"] {
            assert_eq!(RegistrationLink::parse(url), Err(RefusedUrl::NotHttps), "{url}");
        }
        assert_eq!(RegistrationLink::parse("r/abc"), Err(RefusedUrl::Malformed));
        assert!(!format!("{:?}", link()).contains("abc"));
    }

    #[test]
    fn nothing_breaks_out_of_the_uris() {
        let mail = link().mailto_uri("a@b.example?bcc=c@d.example", "Hi & bye");
        assert_eq!(
            mail,
            "mailto:a@b%2Eexample%3Fbcc%3Dc@d%2Eexample?subject=Hi%20%26%20bye&body=https%3A%2F%2Fiam%2Dapi%2Ecom%2Fr%2Fabc%3Fx%3D1%26y%3D2"
        );
        assert!(link().sms_uri("+1 (555) 01-00?body=x").starts_with("sms:+15550100?body=https"));
    }

    #[cfg(feature = "qr")]
    #[test]
    fn qr_codes_are_drawn() {
        let svg = link().qr_svg(240).unwrap();
        assert!(svg.contains("<svg") && svg.contains("#ffffff"));
        let terminal = link().qr_terminal().unwrap();
        let widths: Vec<_> = terminal.lines().map(|line| line.chars().count()).collect();
        assert!(widths.len() > 10 && widths.iter().all(|width| width == &widths[0]));
        let long = RegistrationLink::parse(&format!("https://h/{}", "x".repeat(4000))).unwrap();
        assert!(long.qr_svg(240).is_none());
    }
}
