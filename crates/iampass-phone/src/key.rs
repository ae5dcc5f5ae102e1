//! The ports of device keys: [`DeviceKeyPair`] signs, [`KeyStore`] makes and keeps.
//!
//! Belongs here: traits and their types. Does not belong here: what is signed, and any cryptography.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use iampass_core::Secret;
use iampass_core::port::BoxError;
use iampass_core::wire::DeviceKey;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The bytes of a signature: *r* and *s*, 32 bytes each, big-endian (RFC 7518, 3.4).
pub const SIGNATURE_BYTES: usize = 64;

/// A signature by ECDSA with P-256 and SHA-256, as a JWS carries it: *r* and *s* and no DER.
///
/// ```
/// use iampass_phone::KeySignature;
///
/// assert!(KeySignature::from_der(&[0x30, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01, 0x07]).is_some());
/// assert!(KeySignature::from_der(b"no signature").is_none());
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeySignature([u8; SIGNATURE_BYTES]);

impl KeySignature {
    /// A signature in the form that a JWS carries.
    #[must_use]
    pub const fn from_fixed(bytes: [u8; SIGNATURE_BYTES]) -> Self {
        Self(bytes)
    }

    /// A signature in DER, as the key stores of Android and iOS give it. `None` if it is not one of P-256.
    #[must_use]
    pub fn from_der(der: &[u8]) -> Option<Self> {
        let mut fixed = [0; SIGNATURE_BYTES];
        let (r, s) = fixed.split_at_mut(SIGNATURE_BYTES / 2);
        let integers = match der {
            [0x30, length, integers @ ..] if usize::from(*length) == integers.len() => integers,
            _ => return None,
        };
        let rest = read_integer(integers, r)?;
        read_integer(rest, s)?.is_empty().then_some(Self(fixed))
    }

    /// The 64 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; SIGNATURE_BYTES] {
        &self.0
    }
}

/// Reads one positive DER integer into a field of 32 bytes, and gives what stands after it.
fn read_integer<'a>(der: &'a [u8], field: &mut [u8]) -> Option<&'a [u8]> {
    let (length, rest) = match der {
        [0x02, length, rest @ ..] => (usize::from(*length), rest),
        _ => return None,
    };
    let (bytes, rest) = rest.split_at_checked(length)?;
    let magnitude = match bytes {
        // The zero before a set sign bit, and no other. Zero itself is in no signature.
        [0, tail @ ..] if tail.first().is_some_and(|byte| *byte >= 0x80) => tail,
        [1..0x80, ..] => bytes,
        _ => return None,
    };
    let start = field.len().checked_sub(magnitude.len())?;
    field.get_mut(start..)?.copy_from_slice(magnitude);
    Some(rest)
}

impl fmt::Debug for KeySignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeySignature(redacted)")
    }
}

/// The text by which a [`KeyStore`] finds a key again.
///
/// For a key store of the system it is a name; for a software key it is the key itself. It is therefore treated as a secret: `Debug` does
/// not print it, and it stands where the other secrets of the phone stand.
#[derive(Clone, Debug)]
pub struct KeyHandle(Secret);

impl KeyHandle {
    /// Takes over the text of a handle.
    #[must_use]
    pub fn new(text: impl Into<Secret>) -> Self {
        Self(text.into())
    }

    /// The text.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl Serialize for KeyHandle {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Secret::serialize_exposed(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for KeyHandle {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Secret::deserialize(deserializer).map(Self)
    }
}

/// One device key: ECDSA with P-256. The private half stays where it is.
#[async_trait]
pub trait DeviceKeyPair: Send + Sync {
    /// The public half, which the service gets at the registration.
    fn public_key(&self) -> DeviceKey;

    /// The text by which the key store finds this key again.
    fn handle(&self) -> KeyHandle;

    /// Signs `message`, which is hashed with SHA-256 by the signer.
    ///
    /// # Errors
    /// [`KeyError`]; nothing is sent then.
    async fn sign(&self, message: &[u8]) -> Result<KeySignature, KeyError>;
}

/// Makes, finds and removes device keys. Each registration gets a key of its own, so that two applications cannot tell that they speak to
/// one phone.
#[async_trait]
pub trait KeyStore: Send + Sync {
    /// A new key.
    ///
    /// # Errors
    /// [`KeyError`].
    async fn generate(&self) -> Result<Arc<dyn DeviceKeyPair>, KeyError>;

    /// The key of this handle.
    ///
    /// # Errors
    /// [`KeyError::Missing`] when there is none.
    async fn open(&self, handle: &KeyHandle) -> Result<Arc<dyn DeviceKeyPair>, KeyError>;

    /// Removes the key of this handle. Removing one that is not there is no error.
    ///
    /// # Errors
    /// [`KeyError`].
    async fn remove(&self, handle: &KeyHandle) -> Result<(), KeyError>;
}

/// The reason why a device key did not sign.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The key is not there any more, or the phone has no key store. The phone has to be registered again.
    #[error("the device key of this account is not on this phone: register the phone again")]
    Missing,
    /// The key cannot be used at the moment, for example while the phone is locked.
    #[error("the device key cannot be used at the moment: unlock the phone and try again")]
    Unavailable,
    /// The key store failed; the source says more.
    #[error("the key store of this phone failed")]
    Failed(#[source] BoxError),
}

impl KeyError {
    /// Whether the same may succeed a moment later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_handle_is_not_printed_and_is_written_where_it_is_stored() {
        let handle = KeyHandle::new("hunter2");
        assert!(!format!("{handle:?}").contains("hunter"));
        assert_eq!(serde_json::to_string(&handle).unwrap(), "\"hunter2\"");
    }

    #[test]
    fn der_that_is_not_the_one_spelling_is_refused() {
        for der in [
            &[][..],
            &[0x30, 0x00],
            &[0x30, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01],
            // Negative, empty, padded, followed by more, and too long.
            &[0x30, 0x06, 0x02, 0x01, 0x85, 0x02, 0x01, 0x07],
            &[0x30, 0x05, 0x02, 0x00, 0x02, 0x01, 0x07],
            &[0x30, 0x07, 0x02, 0x02, 0x00, 0x05, 0x02, 0x01, 0x07],
            &[0x30, 0x07, 0x02, 0x01, 0x05, 0x02, 0x01, 0x07, 0x00],
            &[&[0x30, 0x26, 0x02, 0x21][..], &[0x01; 33], &[0x02, 0x01, 0x07]].concat(),
        ] {
            assert!(KeySignature::from_der(der).is_none(), "{der:x?}");
        }
    }

    proptest! {
        #[test]
        fn der_and_fixed_are_the_same_signature(seed: [u8; 32], message: Vec<u8>) {
            use p256::ecdsa::signature::Signer as _;
            let Ok(key) = p256::ecdsa::SigningKey::from_slice(&seed) else { return Ok(()) };
            let signature: p256::ecdsa::Signature = key.sign(&message);
            let fixed: [u8; SIGNATURE_BYTES] = signature.to_bytes().into();
            let der = signature.to_der();
            prop_assert_eq!(KeySignature::from_der(der.as_bytes()), Some(KeySignature::from_fixed(fixed)));
        }

        #[test]
        fn no_bytes_make_it_panic(der: Vec<u8>) {
            let _ = KeySignature::from_der(&der);
        }
    }
}
