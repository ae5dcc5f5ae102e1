//! A phone's own key, and the answers that it signs.

use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use iampass_core::client::System;
use iampass_core::port::Clock as _;
use iampass_core::wire::ANSWER_TYPE;
use serde_json::{Value, json};

use super::Phone;
use crate::Failure;

/// A P-256 key of a phone.
#[derive(Clone, Debug)]
pub(super) struct DeviceKey(Arc<EcdsaKeyPair>);

impl DeviceKey {
    pub(super) fn generate() -> Result<Self, Failure> {
        Ok(Self(Arc::new(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?)))
    }

    pub(super) fn jwk(&self) -> Value {
        let point = self.0.public_key().as_ref();
        let coordinate = |range| URL_SAFE_NO_PAD.encode(point.get(range).unwrap_or_default());
        json!({"kty": "EC", "crv": "P-256", "x": coordinate(1..33), "y": coordinate(33..65)})
    }

    /// The body of this answer to a question of this application.
    pub(super) fn answer(
        &self,
        application: &str,
        phone: &Phone,
        question: &str,
        answer: &Value,
    ) -> Result<String, Failure> {
        let mut claims = json!({
            "iss": phone.pair.id, "aud": application, "sub": phone.user, "jti": question,
            "iat": System::new().now().wall,
        });
        if let (Some(claims), Some(members)) = (claims.as_object_mut(), answer.as_object()) {
            claims.extend(members.clone());
        }
        let header = json!({"alg": "ES256", "typ": ANSWER_TYPE});
        let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let message = format!("{}.{}", part(&header), part(&claims));
        let signature = self.0.sign(&SystemRandom::new(), message.as_bytes())?;
        let jws = format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()));
        Ok(json!({"answer": jws}).to_string())
    }
}
