//! [`EventSecret`]: the secret of an endpoint, by which its events are signed.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use zeroize::Zeroizing;

use crate::Secret;

/// Stands before a secret, so that it is known for what it is.
const PREFIX: &str = "whsec_";
/// The bytes that a secret may have, by the standard.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

/// The secret of an endpoint. It is wiped from memory when dropped, and `Debug` prints no part of it.
///
/// ```
/// use iampass_core::events::EventSecret;
///
/// let secret = EventSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")?;
/// assert_eq!(format!("{secret:?}"), "EventSecret(redacted)");
/// assert!(EventSecret::parse("whsec_c2hvcnQ=").is_err());
/// # Ok::<(), iampass_core::events::InvalidEventSecret>(())
/// ```
#[derive(Clone)]
pub struct EventSecret(Zeroizing<Vec<u8>>);

/// Why a text is no secret of an endpoint. It never holds the text itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is no secret of an endpoint: that is whsec_ and 24 to 64 bytes in base64")]
#[non_exhaustive]
pub struct InvalidEventSecret;

impl EventSecret {
    /// Reads a secret as the Console shows it.
    ///
    /// # Errors
    /// [`InvalidEventSecret`] when it is not base64 of 24 to 64 bytes.
    pub fn parse(text: &str) -> Result<Self, InvalidEventSecret> {
        let text = text.trim();
        let bytes =
            BASE64.decode(text.strip_prefix(PREFIX).unwrap_or(text)).map_err(|_| InvalidEventSecret)?;
        let bytes = Zeroizing::new(bytes);
        if LENGTHS.contains(&bytes.len()) { Ok(Self(bytes)) } else { Err(InvalidEventSecret) }
    }

    /// The secret of these random bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }

    /// The secret as people copy it.
    #[must_use]
    pub fn to_text(&self) -> Secret {
        Secret::new(format!("{PREFIX}{}", BASE64.encode(self.0.as_slice())))
    }

    pub(super) fn key(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for EventSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EventSecret(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_as_it_is_shown() {
        let secret = EventSecret::from_bytes([7; 32]);
        let text = secret.to_text();
        assert_eq!(EventSecret::parse(text.expose()).unwrap().key(), secret.key());
        let bare = text.expose().strip_prefix("whsec_").unwrap();
        assert_eq!(EventSecret::parse(bare).unwrap().key(), secret.key());
    }

    #[test]
    fn no_short_secret_is_taken() {
        for bytes in [0, 1, 23, 65] {
            assert!(
                EventSecret::parse(&format!("whsec_{}", BASE64.encode(vec![1; bytes]))).is_err(),
                "{bytes}"
            );
        }
        for text in ["", "whsec_", "whsec_%%%", "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            assert_eq!(EventSecret::parse(text).err(), Some(InvalidEventSecret), "{text}");
        }
    }
}
