//! [`VapidKeys`]: the keys by which push services of browsers know this service (RFC 8292).

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use iampass_core::UnixSeconds;
use serde::Serialize;
use url::Url;
use zeroize::Zeroizing;

use crate::endpoint::Endpoint;
use crate::jwt::{InvalidKey, SigningKey};

/// How long a token is good, in seconds. RFC 8292 allows 24 hours; clocks may be off.
const TOKEN_LIFE: u64 = 12 * 3_600;

/// Names a key of this service: the beginning of the SHA-256 of its public point.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct VapidKeyId([u8; 8]);

impl VapidKeyId {
    /// These bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// The key's name from the text that [`fmt::Display`] gives.
    #[must_use]
    pub fn of_text(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }

    fn of(point: &[u8; 65]) -> Self {
        let digest = digest::digest(&digest::SHA256, point);
        Self(digest.as_ref().first_chunk().copied().unwrap_or_default())
    }
}

/// In base64url: 11 characters.
impl fmt::Display for VapidKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for VapidKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VapidKeyId({self})")
    }
}

/// The address at which a push service reaches the operator about trouble: `mailto:` or `https:` (RFC 8292, section 2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact(Box<str>);

/// Something is no contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "it is not a contact for push services: write mailto:name@example.org or https://example.org/contact"
)]
pub struct InvalidContact;

impl Contact {
    /// Checks it.
    ///
    /// # Errors
    /// [`InvalidContact`] when it is neither the one nor the other.
    pub fn new(text: &str) -> Result<Self, InvalidContact> {
        let url = Url::parse(text).map_err(|_| InvalidContact)?;
        let is_good = match url.scheme() {
            "https" => url.host_str().is_some_and(|host| host.contains('.')),
            "mailto" => {
                url.path().split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
            }
            _ => false,
        };
        if is_good && text.len() <= 200 { Ok(Self(text.into())) } else { Err(InvalidContact) }
    }
}

/// A key by which push services know this service. Its private half is not printed.
#[derive(Clone)]
pub struct VapidKey(Arc<Inner>);

struct Inner {
    pkcs8: Zeroizing<Vec<u8>>,
    signing: SigningKey,
    point: [u8; 65],
}

#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    exp: u64,
    sub: &'a str,
}

impl VapidKey {
    /// Draws a key from the system's generator.
    ///
    /// # Errors
    /// [`InvalidKey`] when that gives nothing.
    pub fn generate() -> Result<Self, InvalidKey> {
        let drawn = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        Self::from_pkcs8(drawn.map_err(|_| InvalidKey)?.as_ref())
    }

    /// A key that was stored.
    ///
    /// # Errors
    /// [`InvalidKey`] when the bytes are no private key on P-256 in PKCS#8.
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, InvalidKey> {
        let signing = SigningKey::p256(pkcs8)?;
        let point = signing.public_point().ok_or(InvalidKey)?;
        Ok(Self(Arc::new(Inner { pkcs8: Zeroizing::new(pkcs8.to_vec()), signing, point })))
    }

    /// The bytes to store, sealed.
    #[must_use]
    pub fn pkcs8(&self) -> &[u8] {
        &self.0.pkcs8
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> VapidKeyId {
        VapidKeyId::of(&self.0.point)
    }

    /// The text that `pushManager.subscribe()` takes as `applicationServerKey`: 87 characters of base64url.
    #[must_use]
    pub fn public_key(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.point)
    }

    /// The value of `Authorization` for a message to this endpoint.
    pub(crate) fn authorization(&self, to: &Endpoint, contact: &Contact, now: UnixSeconds) -> Option<String> {
        let claims = Claims { aud: to.origin(), exp: now.0.saturating_add(TOKEN_LIFE), sub: &contact.0 };
        let token = self.0.signing.token(None, &claims)?;
        Some(format!("vapid t={token},k={}", self.public_key()))
    }
}

impl fmt::Debug for VapidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("VapidKey").field(&self.id()).finish()
    }
}

/// All keys for which there are subscriptions.
///
/// A subscription takes only messages that are signed with the key that it was made for. After a rotation the older keys stay until the phones
/// have subscribed anew, which they do when their page is opened.
#[derive(Clone, Debug)]
pub struct VapidKeys {
    newest: VapidKey,
    older: Vec<VapidKey>,
}

impl VapidKeys {
    /// This key alone.
    #[must_use]
    pub const fn new(newest: VapidKey) -> Self {
        Self { newest, older: Vec::new() }
    }

    /// The same with a new key, for which subscriptions are made from now on.
    #[must_use]
    pub fn rotated(mut self, newest: VapidKey) -> Self {
        self.older.insert(0, std::mem::replace(&mut self.newest, newest));
        self
    }

    /// The key for new subscriptions.
    #[must_use]
    pub const fn newest(&self) -> &VapidKey {
        &self.newest
    }

    /// The key of this name.
    #[must_use]
    pub fn get(&self, id: VapidKeyId) -> Option<&VapidKey> {
        std::iter::once(&self.newest).chain(&self.older).find(|key| key.id() == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::Reach;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
    use serde_json::{Value, json};

    #[test]
    fn a_key_is_the_same_after_it_was_stored() {
        let key = VapidKey::generate().unwrap();
        let again = VapidKey::from_pkcs8(key.pkcs8()).unwrap();
        assert_eq!((again.id(), again.public_key()), (key.id(), key.public_key()));
        assert_eq!(key.public_key().len(), 87);
        assert_eq!(VapidKeyId::of_text(&key.id().to_string()), Some(key.id()));
        assert_eq!(VapidKey::from_pkcs8(b"no").map(|key| key.id()), Err(InvalidKey));
    }

    #[test]
    fn the_token_says_what_rfc_8292_wants_and_is_signed() {
        let key = VapidKey::generate().unwrap();
        let endpoint = Endpoint::new("https://push.example:8443/a/b", Reach::Public).unwrap();
        let contact = Contact::new("mailto:ops@example.org").unwrap();
        let value = key.authorization(&endpoint, &contact, UnixSeconds(1_800_000_000)).unwrap();
        let (token, public) = value.strip_prefix("vapid t=").unwrap().split_once(",k=").unwrap();
        assert_eq!(public, key.public_key());
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, decoded(public))
            .verify(signed.as_bytes(), &decoded(signature))
            .unwrap();
        let (header, claims) = signed.split_once('.').unwrap();
        let read = |text: &str| serde_json::from_slice::<Value>(&decoded(text)).unwrap();
        assert_eq!(read(header), json!({"typ": "JWT", "alg": "ES256"}));
        assert_eq!(
            read(claims),
            json!({"aud": "https://push.example:8443", "exp": 1_800_043_200, "sub": "mailto:ops@example.org"})
        );
    }

    #[test]
    fn older_keys_stay_after_a_rotation() {
        let [first, second, third] = [(); 3].map(|()| VapidKey::generate().unwrap());
        let keys = VapidKeys::new(first.clone()).rotated(second.clone()).rotated(third.clone());
        assert_eq!(keys.newest().id(), third.id());
        for key in [&first, &second, &third] {
            assert_eq!(keys.get(key.id()).map(VapidKey::id), Some(key.id()));
        }
    }

    #[test]
    fn a_contact_is_a_way_to_reach_somebody() {
        for good in ["mailto:ops@example.org", "https://example.org/contact"] {
            assert!(Contact::new(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "ops@example.org",
            "mailto:",
            "mailto:@example.org",
            "mailto:ops",
            "http://example.org",
            "https://localhost",
        ] {
            assert!(Contact::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_private_key_is_not_printed() {
        let key = VapidKey::generate().unwrap();
        let printed = format!("{key:?} {:?}", VapidKeys::new(key.clone()));
        assert!(printed.len() < 200, "{printed}");
    }
}
