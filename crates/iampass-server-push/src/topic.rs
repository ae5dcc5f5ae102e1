//! [`Topic`]: pushes of the same topic replace one another while they wait at the push service.

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The name under which a waiting push is replaced by the next one: 32 characters of base64url (RFC 8030, section 5.4).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Topic([u8; 24]);

impl Topic {
    /// The topic of something that has a name in this service, such as a question. Without `secret` (32 random bytes) nobody can tell which
    /// name it was.
    #[must_use]
    pub fn of(secret: &[u8; 32], name: &str) -> Self {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), name.as_bytes());
        Self(tag.as_ref().first_chunk().copied().unwrap_or_default())
    }

    /// These bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 24]) -> Self {
        Self(bytes)
    }
}

/// As it stands in the header.
impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Topic({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_fits_its_header_and_tells_nothing() {
        let topic = |name| Topic::of(&[7; 32], name).to_string();
        assert_eq!(topic("ann").len(), 32);
        assert!(topic("ann").bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
        assert_eq!(topic("ann"), topic("ann"));
        assert_ne!(topic("ann"), topic("ben"));
        assert_ne!(topic("ann"), Topic::of(&[8; 32], "ann").to_string());
    }
}
