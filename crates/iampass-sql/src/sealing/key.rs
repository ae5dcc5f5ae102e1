//! One key, and its name.

use std::fmt;

use base16ct::lower;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use iampass_core::Secret;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

/// A key that seals sessions at rest: 256 random bits, for XChaCha20-Poly1305.
///
/// Its name in the database is a hash of it, so there is nothing to number, and two nodes agree on it.
#[derive(Clone)]
pub struct SealingKey {
    id: Box<str>,
    cipher: XChaCha20Poly1305,
}

/// A text is no sealing key. It never holds the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidKey {
    /// It is not base64 of 32 bytes.
    #[error(
        "a sealing key is 32 random bytes in base64 (44 characters), and this is not: make one with `openssl rand -base64 32`"
    )]
    NotAKey,
    /// The environment variable is not there.
    #[error("the environment variable {name} is not set: it holds the sealing keys, the newest first")]
    Unset {
        /// Which one.
        name: &'static str,
    },
    /// The system gave no randomness.
    #[error("the system gives no random bytes")]
    NoRandomness,
}

impl SealingKey {
    /// A new random key, and the text to keep it by. Everyone who has that text can read the sessions.
    ///
    /// ```
    /// use iampass_sql::SealingKey;
    ///
    /// let (key, text) = SealingKey::generate()?;
    /// assert_eq!(SealingKey::from_base64(text.expose())?.id(), key.id());
    /// # Ok::<(), iampass_sql::InvalidKey>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidKey::NoRandomness`].
    pub fn generate() -> Result<(Self, Secret), InvalidKey> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        getrandom::fill(&mut *bytes).map_err(|_| InvalidKey::NoRandomness)?;
        Ok((Self::new(&bytes), Secret::new(STANDARD.encode(*bytes))))
    }

    /// A key of 32 bytes, in base64 of either alphabet.
    ///
    /// # Errors
    /// [`InvalidKey::NotAKey`].
    pub fn from_base64(text: &str) -> Result<Self, InvalidKey> {
        let text = text.trim();
        let bytes = Zeroizing::new(
            STANDARD
                .decode(text)
                .or_else(|_| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')))
                .map_err(|_| InvalidKey::NotAKey)?,
        );
        let bytes: &[u8; KEY_BYTES] = bytes.as_slice().try_into().map_err(|_| InvalidKey::NotAKey)?;
        Ok(Self::new(bytes))
    }

    /// A key of these bytes, which must be random.
    #[must_use]
    pub fn new(bytes: &[u8; KEY_BYTES]) -> Self {
        let digest = Sha256::new_with_prefix(b"iampass sealing key").chain_update(bytes).finalize();
        let id = lower::encode_string(digest.get(..8).unwrap_or_default());
        Self { id: id.into(), cipher: XChaCha20Poly1305::new(bytes.into()) }
    }

    /// Its name: 16 hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Encrypts `plain`; it opens only with the same `bound_to`. `None` when the system gives no randomness.
    pub(super) fn seal(&self, plain: &[u8], bound_to: &[u8]) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).ok()?;
        let payload = Payload { msg: plain, aad: bound_to };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload).ok()?;
        Some([&nonce[..], &sealed].concat())
    }

    /// Decrypts what [`SealingKey::seal`] made.
    pub(super) fn open(&self, sealed: &[u8], bound_to: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: sealed, aad: bound_to };
        self.cipher.decrypt(&XNonce::from(*nonce), payload).ok().map(Zeroizing::new)
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKey({})", self.id)
    }
}
