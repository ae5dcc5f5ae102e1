//! [`Scan`]: the QR code of a login page, as a camera has read it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use iampass_core::signing::{MovingCode, ReturnLink};
use iampass_core::{RefusedUrl, Secret, Server};

/// The longest text that is looked at, in bytes.
const LONGEST_TEXT: usize = 2_048;

/// Characters and bytes of the secret \[X\].
const SECRET_CHARACTERS: usize = 22;
const SECRET_BYTES: usize = 16;

/// The path of the phone's page ends so \[X\].
const PAGE: &str = "/phone";

/// The names of the secret in the fragment: of a QR code, and of a link by which a sign-in page leads to IAMPASS in its own browser \[X\].
const SCAN: &str = "scan=";
const LINK: &str = "link=";

/// A `scan_url` of a service that this phone knows, `https://HOST/phone#scan=SECRET`, or an `open_url`, `https://HOST/phone#link=SECRET` \[X\]. An answer
/// by the latter counts when the phone's browser has gone back to the sign-in page.
///
/// The secret answers one question, so `Debug` does not print it.
///
/// ```
/// use iampass_core::Server;
/// use iampass_phone::{InvalidScan, Scan};
///
/// let known = [Server::parse("https://login.example")?];
/// assert!(Scan::parse("https://login.example/phone#scan=AAAAAAAAAAAAAAAAAAAAAA", &known).is_ok());
/// let other = Scan::parse("https://evil.example/phone#scan=AAAAAAAAAAAAAAAAAAAAAA", &known);
/// assert_eq!(other.err(), Some(InvalidScan::UnknownService));
/// # Ok::<(), iampass_core::RefusedUrl>(())
/// ```
#[derive(Clone)]
pub struct Scan {
    /// Without the fragment.
    page: String,
    secret: Secret,
}

/// The defect of a text that is no [`Scan`]. It never holds the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidScan {
    /// The text is no link.
    #[error("this is no link: scan the square code on the login page")]
    NotALink,
    /// The link is not encrypted, or holds a part that no link of the service has.
    #[error("this link must not be opened: {0}")]
    Refused(RefusedUrl),
    /// No account on this phone is of the service that the link leads to.
    #[error("this code is of a service that this phone does not know")]
    UnknownService,
    /// A link of a known service, but not one that a login page shows.
    #[error("this code is of a known service, but it is not the code of a login page")]
    NotALogin,
}

impl Scan {
    /// Reads the text of a QR code. Only a `scan_url` of one of the `known` services is taken.
    ///
    /// # Errors
    /// [`InvalidScan`].
    pub fn parse<'a>(text: &str, known: impl IntoIterator<Item = &'a Server>) -> Result<Self, InvalidScan> {
        let text = text.trim();
        if text.len() > LONGEST_TEXT {
            return Err(InvalidScan::NotALink);
        }
        let (page, fragment) = text.split_once('#').unwrap_or((text, ""));
        let mut refused = RefusedUrl::OtherOrigin;
        let mut checked = None;
        for server in known {
            match server.check(page) {
                Ok(url) => checked = Some(url),
                Err(reason) => refused = reason,
            }
        }
        let Some(page) = checked else {
            return Err(match refused {
                // Without a known service nothing was checked: the text may still be no link at all.
                RefusedUrl::OtherOrigin if url::Url::parse(page).is_err() => InvalidScan::NotALink,
                RefusedUrl::OtherOrigin => InvalidScan::UnknownService,
                RefusedUrl::Malformed => InvalidScan::NotALink,
                other => InvalidScan::Refused(other),
            });
        };
        // A link with a query does not come from a login page.
        let is_page = page.as_str().ends_with(PAGE) && !page.as_str().contains('?');
        let scanned = fragment.strip_prefix(SCAN).filter(|secret| is_secret(secret));
        let linked = fragment.strip_prefix(LINK).filter(|secret| ReturnLink::parse(secret).is_some());
        let secret = scanned.or(linked).filter(|_| is_page).ok_or(InvalidScan::NotALogin)?;
        Ok(Self { page: page.as_str().to_owned(), secret: Secret::new(secret) })
    }

    /// Whether the code is of this service.
    #[must_use]
    pub fn is_of(&self, server: &Server) -> bool {
        server.check(&self.page).is_ok()
    }

    /// Whether it may be that of a login without a name, which becomes that of whoever brings it: a code that changes each second, or the link of a
    /// sign-in page.
    #[must_use]
    pub fn may_be_anybodys(&self) -> bool {
        let secret = self.secret.expose();
        MovingCode::parse(secret).is_some() || ReturnLink::parse(secret).is_some()
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.secret
    }
}

/// The code of a login without a name, which changes each second, or 128 bits in their one spelling: the bits beyond the last byte are zero.
fn is_secret(text: &str) -> bool {
    MovingCode::parse(text).is_some() || is_fixed_secret(text)
}

fn is_fixed_secret(text: &str) -> bool {
    text.len() == SECRET_CHARACTERS
        && URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == SECRET_BYTES)
}

impl fmt::Debug for Scan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scan").field("page", &self.page).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECRET: &str = "AbCdEfGhIjKlMnOpQr-_0Q";

    fn known() -> [Server; 2] {
        ["https://login.example", "http://127.0.0.1:8089/iampass"].map(|base| Server::parse(base).unwrap())
    }

    #[test]
    fn a_scan_url_of_a_known_service_is_read() {
        for url in [
            "https://login.example/phone",
            "https://LOGIN.example:443/phone",
            "https://login.example/iampass/phone",
            "http://127.0.0.1:8089/iampass/phone",
        ] {
            let scan = Scan::parse(&format!(" {url}#scan={SECRET}\n"), &known()).expect(url);
            assert_eq!(scan.secret().expose(), SECRET);
            assert_eq!(scan.is_of(&known()[0]), url.to_lowercase().contains("login.example"), "{url}");
            assert!(!format!("{scan:?}").contains(SECRET));
        }
    }

    #[test]
    fn everything_else_is_refused_with_its_reason() {
        use InvalidScan::{NotALink, NotALogin, Refused, UnknownService};
        let with = |page: &str| format!("{page}#scan={SECRET}");
        for (text, reason) in [
            (String::new(), NotALink),
            ("482913".to_owned(), NotALink),
            (SECRET.to_owned(), NotALink),
            (with("/phone"), NotALink),
            (with("//login.example/phone"), NotALink),
            (with("WIFI:T:WPA;S:x;P:y;;"), NotALink),
            (with("javascript:alert(1)"), NotALink),
            (with("https://login.example/pho\tne"), NotALink),
            (with(&format!("https://login.example/{}/phone", "x".repeat(2_048))), NotALink),
            (with("https://evil.example/phone"), UnknownService),
            (with("https://login.example.evil.example/phone"), UnknownService),
            (with("https://login.example:8443/phone"), UnknownService),
            (with("https://127.0.0.1:8089/phone"), UnknownService),
            (with("http://127.0.0.1:8090/phone"), UnknownService),
            (with("http://login.example/phone"), Refused(RefusedUrl::NotHttps)),
            (with("ftp://login.example/phone"), Refused(RefusedUrl::NotHttps)),
            (with("https://login.example@evil.example/phone"), Refused(RefusedUrl::NotSignable)),
            (with("https://user@login.example/phone"), Refused(RefusedUrl::NotSignable)),
            ("https://login.example/phone".to_owned(), NotALogin),
            ("https://login.example/phone#".to_owned(), NotALogin),
            ("https://login.example/phone#scan=".to_owned(), NotALogin),
            (format!("https://login.example/phone#scan={}", &SECRET[..21]), NotALogin),
            (format!("https://login.example/phone#scan={SECRET}A"), NotALogin),
            (format!("https://login.example/phone#scan={SECRET}=="), NotALogin),
            (format!("https://login.example/phone#scan={SECRET}&scan={SECRET}"), NotALogin),
            (format!("https://login.example/phone#SCAN={SECRET}"), NotALogin),
            (format!("https://login.example/phone#x=1&scan={SECRET}"), NotALogin),
            ("https://login.example/phone#scan=AbCdEfGhIjKlMnOpQr+/0Q".to_owned(), NotALogin),
            // Bits beyond the sixteenth byte.
            ("https://login.example/phone#scan=AbCdEfGhIjKlMnOpQr-_0R".to_owned(), NotALogin),
            (format!("https://login.example/phone?scan={SECRET}"), NotALogin),
            (with("https://login.example/phone?next=/phone"), NotALogin),
            (with("https://login.example/r/abc"), NotALogin),
            (with("https://login.example/"), NotALogin),
        ] {
            assert_eq!(Scan::parse(&text, &known()).err(), Some(reason), "{text:?}");
        }
    }

    #[test]
    fn a_phone_that_knows_no_service_takes_none() {
        let text = format!("https://login.example/phone#scan={SECRET}");
        assert_eq!(Scan::parse(&text, &[]).err(), Some(InvalidScan::UnknownService));
        assert_eq!(Scan::parse("482913", &[]).err(), Some(InvalidScan::NotALink));
    }

    proptest! {
        #[test]
        fn every_secret_of_128_bits_is_read(bytes: [u8; 16]) {
            let secret = URL_SAFE_NO_PAD.encode(bytes);
            let scan = Scan::parse(&format!("https://login.example/phone#scan={secret}"), &known()).unwrap();
            prop_assert_eq!(scan.secret().expose(), &secret);
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,120}") {
            let _ = Scan::parse(&text, &known());
        }

        #[test]
        fn no_other_host_is_taken(host in "[a-z.@:/?\\\\-]{0,30}") {
            let text = format!("https://{host}/phone#scan={SECRET}");
            if let Ok(scan) = Scan::parse(&text, &known()) {
                prop_assert!(scan.page.starts_with("https://login.example/"), "{text}");
            }
        }
    }
}
