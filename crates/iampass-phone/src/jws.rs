//! [`UnsignedJws`]: a JWS in compact form (RFC 7515) by ES256, before its signature.
//!
//! Belongs here: how header, payload and signature stand side by side. Does not belong here: signing, which the device key does, and
//! verifying, which the service does.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use crate::KeySignature;

/// The protected header.
#[derive(Serialize)]
struct Header {
    alg: &'static str,
    typ: &'static str,
}

/// A JWS whose signature is missing.
#[derive(Clone)]
#[must_use = "it says nothing until it is signed"]
pub struct UnsignedJws(String);

impl UnsignedJws {
    /// A JWS of this type and payload. `None` if the payload cannot be written as JSON.
    pub(crate) fn new(typ: &'static str, payload: &impl Serialize) -> Option<Self> {
        let header = serde_json::to_vec(&Header { alg: "ES256", typ }).ok()?;
        let payload = serde_json::to_vec(payload).ok()?;
        let mut text = URL_SAFE_NO_PAD.encode(header);
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(payload, &mut text);
        Some(Self(text))
    }

    /// The bytes that the device key signs: the JWS signing input (RFC 7515, 5.1).
    #[must_use]
    pub fn signing_input(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The JWS in compact form.
    #[must_use]
    pub fn signed(self, signature: &KeySignature) -> String {
        let Self(mut text) = self;
        text.push('.');
        URL_SAFE_NO_PAD.encode_string(signature.as_bytes(), &mut text);
        text
    }
}

/// The payload holds what a browser shows: it is not printed.
impl fmt::Debug for UnsignedJws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UnsignedJws(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use p256::ecdsa::signature::Verifier as _;
    use p256::ecdsa::{Signature, VerifyingKey};

    /// RFC 7515, A.3: header, payload, signature, and the public key.
    const HEADER: &str = "eyJhbGciOiJFUzI1NiJ9";
    const PAYLOAD: &str =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    const SIGNATURE: &str =
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

    fn decoded(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    /// The verifier of the tests takes what the RFC says that it has to.
    #[test]
    fn the_example_of_the_rfc_is_put_together_and_verified() {
        let signature = KeySignature::from_fixed(decoded(SIGNATURE).try_into().unwrap());
        let jws = UnsignedJws(format!("{HEADER}.{PAYLOAD}"));
        let verifier = VerifyingKey::from_sec1_bytes(&[&[4][..], &decoded(X), &decoded(Y)].concat()).unwrap();
        let of_p256 = Signature::from_slice(signature.as_bytes()).unwrap();
        assert!(verifier.verify(jws.signing_input(), &of_p256).is_ok());
        assert!(verifier.verify(b"another", &of_p256).is_err());
        assert_eq!(jws.signed(&signature), format!("{HEADER}.{PAYLOAD}.{SIGNATURE}"));
    }

    #[test]
    fn header_and_payload_are_written_as_json() {
        let jws = UnsignedJws::new("iampass-answer+jwt", &serde_json::json!({"accepted": true})).unwrap();
        assert!(!format!("{jws:?}").contains("ey"));
        let text = jws.signed(&KeySignature::from_fixed([7; 64]));
        let parts: Vec<_> = text.split('.').collect();
        assert_eq!(decoded(parts[0]), br#"{"alg":"ES256","typ":"iampass-answer+jwt"}"#);
        assert_eq!(decoded(parts[1]), br#"{"accepted":true}"#);
        assert_eq!(decoded(parts[2]), [7; 64]);
    }
}
