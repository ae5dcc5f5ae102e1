//! The signature of an event (Standard Webhooks 1.0.0, symmetric).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderName;
use sha2::Sha256;

use super::secret::EventSecret;
use crate::UnixSeconds;

/// Names the event: the same at each attempt.
pub const EVENT_ID: HeaderName = HeaderName::from_static("webhook-id");
/// When this attempt was made.
pub const EVENT_TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
/// The signatures, a space between two.
pub const EVENT_SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// Stands before a signature by HMAC-SHA-256.
pub(super) const SYMMETRIC: &str = "v1,";

/// The value of [`EVENT_SIGNATURE`] for an attempt at `at`: one signature for each secret.
///
/// ```
/// use iampass_core::events::{EventSecret, sign};
/// use iampass_core::UnixSeconds;
///
/// // The example of the standard's own libraries.
/// let secret = EventSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")?;
/// let signature = sign(&[secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", UnixSeconds(1_614_265_330), br#"{"test": 2432232314}"#);
/// assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
/// # Ok::<(), iampass_core::events::InvalidEventSecret>(())
/// ```
#[must_use]
pub fn sign(secrets: &[EventSecret], id: &str, at: UnixSeconds, body: &[u8]) -> String {
    let at = at.to_string();
    let one = |secret| format!("{SYMMETRIC}{}", BASE64.encode(computed(secret, id, &at, body)));
    secrets.iter().map(one).collect::<Vec<_>>().join(" ")
}

pub(super) fn computed(secret: &EventSecret, id: &str, at: &str, body: &[u8]) -> [u8; 32] {
    // A key of any length is taken.
    let Ok(mut hmac) = Hmac::<Sha256>::new_from_slice(secret.key()) else { return [0; 32] };
    for part in [id.as_bytes(), b".", at.as_bytes(), b".", body] {
        hmac.update(part);
    }
    hmac.finalize().into_bytes().into()
}
