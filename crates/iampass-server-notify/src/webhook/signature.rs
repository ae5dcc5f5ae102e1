//! Signing a webhook's request, and how its receiver tells that it is genuine.

use aws_lc_rs::hmac;
use base16ct::lower;
use iampass_core::{Secret, UnixSeconds};

const SCHEME: &str = "sha256=";

/// How far the timestamp may lie from the receiver's clock, either way, in seconds.
const WINDOW: u64 = 300;

/// The values of the two headers, `X-IAMPASS-Webhook-Timestamp` and `X-IAMPASS-Webhook-Signature`, for a body that goes out at `now`.
#[must_use]
pub fn sign_webhook(secret: &Secret, now: UnixSeconds, body: &[u8]) -> (String, String) {
    let timestamp = now.0.to_string();
    let tag = hmac::sign(&key(secret), &message(&timestamp, body));
    let signature = format!("{SCHEME}{}", lower::encode_string(tag.as_ref()));
    (timestamp, signature)
}

/// Whether a request comes from who knows `secret`, and was made within five minutes of `now`: for gateways written in Rust, and for tests.
///
/// `timestamp` and `signature` are the values of the two headers, `body` is the body before it is parsed. The same message may come more
/// than once: its id tells.
#[must_use]
pub fn verify_webhook(
    secret: &Secret,
    timestamp: &str,
    signature: &str,
    body: &[u8],
    now: UnixSeconds,
) -> bool {
    let is_recent = timestamp.parse::<u64>().is_ok_and(|at| at.abs_diff(now.0) <= WINDOW);
    let tag = signature.strip_prefix(SCHEME).and_then(|digits| lower::decode_vec(digits).ok());
    is_recent && tag.is_some_and(|tag| hmac::verify(&key(secret), &message(timestamp, body), &tag).is_ok())
}

fn key(secret: &Secret) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes())
}

fn message(timestamp: &str, body: &[u8]) -> Vec<u8> {
    [timestamp.as_bytes(), b".", body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixSeconds = UnixSeconds(1_800_000_000);

    /// Computed with Python's hmac module by the recipe in the documentation.
    #[test]
    fn signatures_are_as_documented() {
        let (timestamp, signature) = sign_webhook(&Secret::new("0123456789abcdef"), NOW, br#"{"id":"1"}"#);
        assert_eq!(timestamp, "1800000000");
        assert_eq!(signature, "sha256=c8e2c3e0d17518c9ae2f78d38c97afc3e4f4638998dcf5b5142cb55fe124e345");
    }

    #[test]
    fn only_the_very_request_is_genuine_and_only_for_a_while() {
        let secret = Secret::new("0123456789abcdef");
        let (timestamp, signature) = sign_webhook(&secret, NOW, b"body");
        let genuine = |secret: &Secret, timestamp: &str, signature: &str, body: &[u8], now: u64| {
            verify_webhook(secret, timestamp, signature, body, UnixSeconds(now))
        };
        assert!(genuine(&secret, &timestamp, &signature, b"body", NOW.0 + 300));
        assert!(genuine(&secret, &timestamp, &signature, b"body", NOW.0 - 300));
        assert!(!genuine(&secret, &timestamp, &signature, b"body", NOW.0 + 301));
        assert!(!genuine(&secret, &timestamp, &signature, b"body", NOW.0 - 301));
        assert!(!genuine(&secret, "1800000001", &signature, b"body", NOW.0));
        assert!(!genuine(&secret, &timestamp, &signature, b"body.", NOW.0));
        assert!(!genuine(&Secret::new("another secret!!"), &timestamp, &signature, b"body", NOW.0));
        let plain = signature.trim_start_matches(SCHEME);
        for bad in ["", "sha256=", plain, &signature[..40], &signature[..41], "sha256=zz"] {
            assert!(!genuine(&secret, &timestamp, bad, b"body", NOW.0), "{bad}");
        }
    }
}
