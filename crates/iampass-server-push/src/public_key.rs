//! The public key of a browser.

use aws_lc_rs::agreement::{ECDH_P256, ParsedPublicKey, UnparsedPublicKey};

/// Whether the bytes are a point on P-256.
pub(crate) fn is_public_key(point: &[u8; 65]) -> bool {
    point.first() == Some(&4) && ParsedPublicKey::try_from(UnparsedPublicKey::new(&ECDH_P256, point)).is_ok()
}
