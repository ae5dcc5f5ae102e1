//! The tags of codes and links that a page shows: HMAC-SHA-256, cut to 16 bytes, in base64url without padding \[X\].

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::Secret;

/// The bytes of a tag that are written.
const BYTES: usize = 16;

/// The tag of a text.
pub(super) fn of(secret: &Secret, text: &str) -> String {
    // A key of any length is taken.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else {
        return String::new();
    };
    mac.update(text.as_bytes());
    let tag = mac.finalize().into_bytes();
    URL_SAFE_NO_PAD.encode(tag.get(..BYTES).unwrap_or_default())
}

/// Whether the tag is that of this text. The comparison takes the same time wherever two tags differ.
pub(super) fn is_of(tag: &str, secret: &Secret, text: &str) -> bool {
    let expected = of(secret, text);
    !expected.is_empty() && bool::from(expected.as_bytes().ct_eq(tag.as_bytes()))
}
