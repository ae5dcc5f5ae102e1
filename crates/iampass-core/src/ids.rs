//! The ids of the protocol as types, each checked when it is made.
//!
//! Belongs here: ids and the user token. Does not belong here: secrets ([`crate::Secret`]) and links
//! ([`crate::RegistrationLink`]).

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The most bytes an id may have. \[X\]
pub const MAX_ID_BYTES: usize = 255;

/// Why a text cannot be an id. It never holds the text itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidId {
    /// Nothing is no id.
    #[error("it is empty")]
    Empty,
    /// More than [`MAX_ID_BYTES`] bytes of UTF-8.
    #[error("it has {bytes} bytes, and at most 255 are allowed")]
    TooLong {
        /// How many it has.
        bytes: usize,
    },
    /// A control character (user tokens), or anything but printable ASCII (ids that travel in a header).
    #[error("the character at byte {at} is not allowed in it")]
    Character {
        /// The offset of the first offending byte.
        at: usize,
    },
}

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident, $allowed:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Box<str>);

        impl $name {
            /// Checks and takes over the text of an id.
            ///
            /// # Errors
            /// [`InvalidId`] when it is empty, longer than [`MAX_ID_BYTES`], or holds a character that is not allowed.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
                let text = text.into();
                check(&text, $allowed)?;
                Ok(Self(text.into_boxed_str()))
            }

            /// The text of the id.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:?})"), &self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }
    };
}

fn check(text: &str, allowed: fn(char) -> bool) -> Result<(), InvalidId> {
    if text.is_empty() {
        return Err(InvalidId::Empty);
    }
    if text.len() > MAX_ID_BYTES {
        return Err(InvalidId::TooLong { bytes: text.len() });
    }
    match text.char_indices().find(|&(_, character)| !allowed(character)) {
        Some((at, _)) => Err(InvalidId::Character { at }),
        None => Ok(()),
    }
}

/// Ids stand in an HTTP header, so they are printable ASCII without the space.
fn header_safe(character: char) -> bool {
    character.is_ascii_graphic()
}

fn not_control(character: char) -> bool {
    !character.is_control()
}

id_type! {
    /// The id of an application, given out by the Console \[D\]. Printable ASCII.
    ///
    /// ```
    /// use iampass_core::ApplicationId;
    ///
    /// let id = ApplicationId::new("1234567890ABCDEF")?;
    /// assert_eq!(id.as_str(), "1234567890ABCDEF");
    /// assert!(ApplicationId::new("two words").is_err());
    /// # Ok::<(), iampass_core::InvalidId>(())
    /// ```
    ApplicationId, header_safe
}

id_type! {
    /// IAMPASS's name for a user: an opaque text chosen by the application, which the documentation calls
    /// *User ID* and *IAMPASS Token* \[D\].
    ///
    /// It should be random and mean nothing, never a name or an e-mail address; [`crate::port::TokenStore`] keeps which of
    /// the application's users it stands for. Any Unicode but control characters, at most 255 bytes \[X\].
    ///
    /// ```
    /// use iampass_core::UserToken;
    ///
    /// assert!(UserToken::new("a b/c@d+é?&=%").is_ok());
    /// assert!(UserToken::new("").is_err());
    /// assert!(UserToken::new("line\nbreak").is_err());
    /// # Ok::<(), iampass_core::InvalidId>(())
    /// ```
    UserToken, not_control
}

impl UserToken {
    /// A new token of 128 random bits, URL-safe, for a user who has none.
    #[must_use]
    pub fn from_draw(draw: crate::Draw) -> Self {
        Self(URL_SAFE_NO_PAD.encode(draw.bytes()).into_boxed_str())
    }
}

id_type! {
    /// The public half of a session's credentials, `session_token` \[D\]. It signs nothing by itself. Printable ASCII.
    SessionToken, header_safe
}

id_type! {
    /// The id of a registered phone, `device_id` \[F\]. Printable ASCII.
    DeviceId, header_safe
}

id_type! {
    /// The id of one question put to a phone, `auth_request_id` \[F\]. Printable ASCII.
    AuthRequestId, header_safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_bytes() {
        assert!(UserToken::new("x".repeat(255)).is_ok());
        assert_eq!(UserToken::new("é".repeat(128)), Err(InvalidId::TooLong { bytes: 256 }));
    }

    #[test]
    fn control_characters_are_refused_where_they_stand() {
        assert_eq!(UserToken::new("ab\u{7f}"), Err(InvalidId::Character { at: 2 }));
        assert_eq!(UserToken::new("ab\u{85}"), Err(InvalidId::Character { at: 2 }));
        assert_eq!(ApplicationId::new("ab c"), Err(InvalidId::Character { at: 2 }));
        assert_eq!(ApplicationId::new("é"), Err(InvalidId::Character { at: 0 }));
    }

    #[test]
    fn an_id_that_the_wire_brings_is_checked_too() {
        assert!(serde_json::from_str::<SessionToken>("\"\"").is_err());
        assert!(serde_json::from_str::<SessionToken>("\"a b\"").is_err());
        assert!(serde_json::from_str::<SessionToken>("\"ab\"").is_ok());
    }
}
