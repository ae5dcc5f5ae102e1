//! Making a signature ("Authentication Protocol 1").

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::header::{HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest as _, Sha256};

use super::Nonce;
use super::signed_url_part;
use crate::{Secret, UnixSeconds};

/// `Authentication: hmac <id>:<nonce>:<signature>` \[P\]. Not `Authorization`.
pub const AUTHENTICATION: HeaderName = HeaderName::from_static("authentication");
/// When it was signed, as the published client spells it \[P\].
pub const TIMESTAMP: HeaderName = HeaderName::from_static("x-iampass-authentication-timestamp");
/// The protocol's version in its correct spelling \[X\].
pub const VERSION: HeaderName = HeaderName::from_static("x-iampass-authentication-version");
/// The protocol's version as the published client spells it \[P\].
pub const VERSION_AS_PUBLISHED: HeaderName = HeaderName::from_static("x-iamoass-authentication-version");

/// Bytes of a signature before base64.
pub(super) const SIGNATURE_BYTES: usize = 16;
const SIGNATURE_BASE64_BYTES: usize = 24;

/// The signer of a request: an id and the secret that belongs to it. An application's, a session's or a device's.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    /// The public half; it stands in the header.
    pub id: &'a str,
    /// The secret half; it is only hashed.
    pub secret: &'a Secret,
}

/// The headers that sign one request, once.
///
/// ```
/// use iampass_core::signing::{Nonce, Signer};
/// use iampass_core::{Secret, UnixSeconds};
///
/// let secret = Secret::new("0123456789ABCDEFGHIJKLMN");
/// let signed = Signer { id: "ABCD", secret: &secret }.sign(
///     "https://main.iam-api.com/management/add_users/ABCD",
///     Nonce::new(9_223_372_036_854_775_807),
///     UnixSeconds(1_234_567_890),
/// );
/// assert_eq!(signed.authentication(), "hmac ABCD:9223372036854775807:k8ezbm+5GmJCziivTuuDTA==");
/// ```
#[derive(Clone)]
pub struct SignedHeaders {
    authentication: String,
    timestamp: UnixSeconds,
}

impl Signer<'_> {
    /// Signs a request for `url`, which must be, byte for byte, the URL that is sent. Neither method nor body is signed \[P\].
    ///
    /// A nonce is used for one request only: the service refuses it the second time.
    #[must_use]
    #[inline]
    pub fn sign(&self, url: &str, nonce: Nonce, at: UnixSeconds) -> SignedHeaders {
        const SCHEME: &str = "hmac ";
        let mut digits = itoa::Buffer::new();
        let nonce = digits.format(nonce.value());
        let signature = compute(self.secret, nonce.as_bytes(), signed_url_part(url).as_bytes(), at);
        let length = SCHEME.len() + self.id.len() + 1 + nonce.len() + 1 + SIGNATURE_BASE64_BYTES;
        let mut authentication = String::with_capacity(length);
        authentication.push_str(SCHEME);
        authentication.push_str(self.id);
        authentication.push(':');
        authentication.push_str(nonce);
        authentication.push(':');
        // Not `encode_string`, which clears a kilobyte first.
        let mut base64 = [0; SIGNATURE_BASE64_BYTES];
        let written = BASE64.encode_slice(signature, &mut base64).unwrap_or_default();
        authentication
            .push_str(base64.get(..written).and_then(|text| str::from_utf8(text).ok()).unwrap_or_default());
        SignedHeaders { authentication, timestamp: at }
    }
}

impl SignedHeaders {
    /// The value of [`AUTHENTICATION`].
    #[must_use]
    pub fn authentication(&self) -> &str {
        &self.authentication
    }

    /// The value of [`TIMESTAMP`].
    #[must_use]
    pub fn timestamp(&self) -> UnixSeconds {
        self.timestamp
    }

    /// Puts all four headers where a request keeps its headers, replacing what is there.
    ///
    /// An id that cannot stand in a header (the id types do not let one be made) leaves the request unsigned, and the
    /// service then refuses it.
    pub fn insert_into(&self, headers: &mut HeaderMap) {
        let Ok(mut authentication) = HeaderValue::from_str(&self.authentication) else { return };
        // It is good for one use only, but until then whoever has it could use it.
        authentication.set_sensitive(true);
        headers.insert(AUTHENTICATION, authentication);
        headers.insert(TIMESTAMP, HeaderValue::from(self.timestamp.0));
        headers.insert(VERSION, HeaderValue::from_static("1"));
        headers.insert(VERSION_AS_PUBLISHED, HeaderValue::from_static("1"));
    }

    /// Names and values as text, for those who write the request themselves.
    #[must_use]
    pub fn lines(&self) -> [(&'static str, String); 4] {
        [
            ("Authentication", self.authentication.clone()),
            ("X-IAMPASS-Authentication-Timestamp", self.timestamp.to_string()),
            ("X-IAMPASS-Authentication-Version", "1".to_owned()),
            ("X-IAMOASS-Authentication-Version", "1".to_owned()),
        ]
    }
}

impl fmt::Debug for SignedHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedHeaders").field("timestamp", &self.timestamp).finish_non_exhaustive()
    }
}

/// The signature of a message whose parts stand side by side: `HMAC(SHA-256(nonce ‖ secret)[..16], nonce ‖ url ‖ seconds)[..16]`.
#[inline]
pub(super) fn compute(
    secret: &Secret,
    nonce: &[u8],
    url_part: &[u8],
    at: UnixSeconds,
) -> [u8; SIGNATURE_BYTES] {
    let mut mac = one_time_mac(secret, nonce);
    let mut digits = itoa::Buffer::new();
    // Not joined first: copying them together takes longer than hashing them one by one.
    for part in [nonce, url_part, digits.format(at.0).as_bytes()] {
        mac.update(part);
    }
    mac.finalize().into_bytes().first_chunk().copied().unwrap_or_default()
}

/// The keyed hash that is good for one nonce. Its key is not wiped like a secret: with the nonce spent it signs nothing any more.
// Returned by value, it would be copied once more for each request.
#[inline]
pub(super) fn one_time_mac(secret: &Secret, nonce: &[u8]) -> Hmac<Sha256> {
    let mut hash = Sha256::new();
    hash.update(nonce);
    hash.update(secret.expose());
    let digest = hash.finalize();
    let key = digest.first_chunk::<SIGNATURE_BYTES>().copied().unwrap_or_default();
    // HMAC takes a key of any length, so the other arm is never reached; a fixed key there would sign nothing valid.
    Hmac::new_from_slice(&key).unwrap_or_else(|_| Hmac::new(&[0; 64].into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_carry_both_spellings_of_the_version() {
        let secret = Secret::new("s");
        let mut headers = HeaderMap::new();
        Signer { id: "A", secret: &secret }
            .sign("https://h/a", Nonce::new(1), UnixSeconds(2))
            .insert_into(&mut headers);
        assert_eq!(headers.len(), 4);
        assert_eq!(headers["x-iamoass-authentication-version"], "1");
        assert_eq!(headers["x-iampass-authentication-version"], "1");
        assert_eq!(headers["x-iampass-authentication-timestamp"], "2");
        assert!(headers["authentication"].is_sensitive());
    }

    #[test]
    fn debug_does_not_show_a_usable_signature() {
        let secret = Secret::new("s");
        let signed = Signer { id: "A", secret: &secret }.sign("https://h/a", Nonce::new(1), UnixSeconds(2));
        assert!(!format!("{signed:?}").contains("hmac"));
    }
}
