//! [`Secret`]: a string that must not be seen.
//!
//! Belongs here: the one type that holds application, session and device secrets. Does not belong here: what is
//! computed from a secret (see [`crate::signing`]).

use std::fmt;

use serde::{Deserialize, Deserializer, Serializer};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A shared secret: of an application, of a session or of a device.
///
/// It is wiped from memory when dropped, `Debug` prints no part of it, and it has no `PartialEq`: compare with
/// [`Secret::matches`], which takes the same time whatever the contents. Treat its text as opaque; the documentation
/// speaks of 24 bytes \[D\], issued ones have been seen with 32 characters.
///
/// ```
/// use iampass_core::Secret;
///
/// let secret = Secret::new("0123456789ABCDEFGHIJKLMN");
/// assert_eq!(format!("{secret:?}"), "Secret(redacted)");
/// assert!(secret.matches("0123456789ABCDEFGHIJKLMN"));
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes over a secret. Any text is accepted; signatures by an empty one are not.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The secret itself. Every call is a place where it could leak: hand it to a hash, a sealed store or a request
    /// body, never to a log, an error or a page.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether `other` is the same secret, in constant time for equal lengths.
    #[must_use]
    pub fn matches(&self, other: &str) -> bool {
        self.0.as_bytes().ct_eq(other.as_bytes()).into()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Writes the secret where a wire format wants it, as `#[serde(serialize_with = "Secret::serialize_exposed")]`.
    ///
    /// `Secret` is not `Serialize` on purpose: each field that puts one on the wire says so.
    ///
    /// # Errors
    /// Only those of the serializer.
    pub fn serialize_exposed<S: Serializer>(secret: &Self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret.expose())
    }

    /// The same for a secret that may be absent, which is written as `null`.
    ///
    /// # Errors
    /// Only those of the serializer.
    pub fn serialize_exposed_option<S: Serializer>(
        secret: &Option<Self>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match secret {
            Some(secret) => Self::serialize_exposed(secret, serializer),
            None => serializer.serialize_none(),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_it() {
        let secret = Secret::new("hunter2hunter2");
        assert!(!format!("{secret:?} {secret:#?}").contains("hunter"));
    }

    #[test]
    fn matches_only_itself() {
        let secret = Secret::new("abc");
        assert!(secret.matches("abc"));
        assert!(!secret.matches("abd"));
        assert!(!secret.matches("ab"));
        assert!(!secret.matches(""));
    }
}
