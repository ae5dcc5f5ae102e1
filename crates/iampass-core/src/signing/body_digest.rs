//! The digest of a body, which stands in the URL of a phone's POST so that the signature covers the body.

use std::fmt;

use base16ct::HexDisplay;
use sha2::{Digest as _, Sha256};

/// The query member that holds the digest of the body \[X\]. Phones append it to the URL that they were given; the service requires it on
/// every POST of a phone.
pub const BODY_DIGEST: &str = "body_sha256";

/// The SHA-256 of a body, in the one way that it is written: 64 lower-case hexadecimal digits \[X\].
///
/// ```
/// use iampass_core::signing::BodyDigest;
///
/// let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// assert_eq!(BodyDigest::of(b"").to_string(), empty);
/// assert!(BodyDigest::of(b"").is_written(empty));
/// assert!(!BodyDigest::of(b"").is_written(&empty.to_uppercase()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyDigest([u8; 32]);

impl BodyDigest {
    /// The digest of a body, byte for byte as it is sent. An absent body is the empty one.
    #[must_use]
    pub fn of(body: &[u8]) -> Self {
        Self(Sha256::digest(body).into())
    }

    /// Whether `text` is this digest. Upper case, padding and spaces are not: one digest has one spelling.
    #[must_use]
    pub fn is_written(&self, text: &str) -> bool {
        self.to_string() == text
    }

    /// The URL with the digest as its last query member: the URL that a phone signs and calls \[X\].
    ///
    /// ```
    /// use iampass_core::signing::BodyDigest;
    ///
    /// let url = BodyDigest::of(b"{}").appended_to("https://login.example/identification/q");
    /// assert_eq!(
    ///     url,
    ///     "https://login.example/identification/q?body_sha256=\
    ///      44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    /// );
    /// ```
    #[must_use]
    pub fn appended_to(&self, url: &str) -> String {
        let joined = if url.contains('?') { '&' } else { '?' };
        format!("{url}{joined}{BODY_DIGEST}={self}")
    }
}

impl fmt::Display for BodyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", HexDisplay(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_digest_has_one_spelling() {
        let digest = BodyDigest::of(br#"{"accepted": false}"#);
        let text = digest.to_string();
        assert_eq!(text.len(), 64);
        assert!(digest.is_written(&text));
        for other in [
            String::new(),
            text.to_uppercase(),
            format!(" {text}"),
            format!("{text}="),
            text[..63].to_owned(),
            BodyDigest::of(br#"{"accepted": true}"#).to_string(),
            BodyDigest::of(b"").to_string(),
        ] {
            assert!(!digest.is_written(&other), "{other:?}");
        }
    }

    #[test]
    fn it_is_appended_behind_a_query_that_is_there() {
        let digest = BodyDigest::of(b"");
        assert_eq!(digest.appended_to("https://h/a?b=c"), format!("https://h/a?b=c&body_sha256={digest}"));
        assert_eq!(digest.appended_to("https://h/a"), format!("https://h/a?body_sha256={digest}"));
    }
}
