//! [`SoftwareKeys`]: device keys by aws-lc-rs, whose handles are the keys themselves.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use iampass_core::wire::DeviceKey;
use zeroize::Zeroizing;

use crate::key::{DeviceKeyPair, KeyError, KeyHandle, KeySignature, KeyStore};

/// A [`KeyStore`] without a place of its own: each handle holds its key (PKCS #8, base64url), so the keys are as safe as the state of the
/// phone is. A native app uses the key store of its system instead.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct SoftwareKeys;

impl SoftwareKeys {
    /// The key store.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

struct SoftwareKey {
    pair: EcdsaKeyPair,
    public: DeviceKey,
    handle: KeyHandle,
}

impl SoftwareKey {
    fn new(pair: EcdsaKeyPair, handle: KeyHandle) -> Result<Self, KeyError> {
        // aws-lc-rs writes the uncompressed point.
        let public = DeviceKey::from_sec1(pair.public_key().as_ref()).ok_or(KeyError::Missing)?;
        Ok(Self { pair, public, handle })
    }
}

#[async_trait]
impl KeyStore for SoftwareKeys {
    async fn generate(&self) -> Result<Arc<dyn DeviceKeyPair>, KeyError> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(failed)?;
        let document = pair.to_pkcs8v1().map_err(failed)?;
        let handle = KeyHandle::new(URL_SAFE_NO_PAD.encode(document.as_ref()));
        Ok(Arc::new(SoftwareKey::new(pair, handle)?))
    }

    async fn open(&self, handle: &KeyHandle) -> Result<Arc<dyn DeviceKeyPair>, KeyError> {
        let document = URL_SAFE_NO_PAD.decode(handle.expose()).map_err(|_| KeyError::Missing)?;
        let document = Zeroizing::new(document);
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &document)
            .map_err(|_| KeyError::Missing)?;
        Ok(Arc::new(SoftwareKey::new(pair, handle.clone())?))
    }

    async fn remove(&self, _handle: &KeyHandle) -> Result<(), KeyError> {
        Ok(())
    }
}

#[async_trait]
impl DeviceKeyPair for SoftwareKey {
    fn public_key(&self) -> DeviceKey {
        self.public
    }

    fn handle(&self) -> KeyHandle {
        self.handle.clone()
    }

    async fn sign(&self, message: &[u8]) -> Result<KeySignature, KeyError> {
        let signature = self.pair.sign(&SystemRandom::new(), message).map_err(failed)?;
        let fixed =
            <[u8; 64]>::try_from(signature.as_ref()).map_err(|error| KeyError::Failed(error.into()))?;
        Ok(KeySignature::from_fixed(fixed))
    }
}

fn failed(error: aws_lc_rs::error::Unspecified) -> KeyError {
    KeyError::Failed(error.into())
}

impl fmt::Debug for SoftwareKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SoftwareKey").field("public", &self.public).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use p256::ecdsa::signature::Verifier as _;
    use p256::ecdsa::{Signature, VerifyingKey};

    #[tokio::test]
    async fn another_implementation_takes_the_signature_of_a_key_that_was_opened_again() {
        let keys = SoftwareKeys::new();
        let key = keys.generate().await.unwrap();
        let opened = keys.open(&key.handle()).await.unwrap();
        assert_eq!(opened.public_key().sec1(), key.public_key().sec1());
        let signature = opened.sign(b"message").await.unwrap();
        let verifier = VerifyingKey::from_sec1_bytes(&key.public_key().sec1()).unwrap();
        let signature = Signature::from_slice(signature.as_bytes()).unwrap();
        assert!(verifier.verify(b"message", &signature).is_ok());
        assert!(verifier.verify(b"another", &signature).is_err());
    }

    #[tokio::test]
    async fn no_two_keys_are_the_same() {
        let keys = SoftwareKeys::new();
        let (one, other) = (keys.generate().await.unwrap(), keys.generate().await.unwrap());
        assert_ne!(one.public_key().sec1(), other.public_key().sec1());
    }

    #[tokio::test]
    async fn a_handle_that_is_none_opens_nothing() {
        for handle in ["", "no key", "AAAA", "%"] {
            let opened = SoftwareKeys::new().open(&KeyHandle::new(handle)).await;
            assert!(matches!(opened.err(), Some(KeyError::Missing)), "{handle}");
        }
    }
}
