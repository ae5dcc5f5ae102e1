//! Forged answers: what a thief writes who has some of the phone's secrets, but not all.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use iampass_core::wire::AuthenticationRequest;
use iampass_phone::{DeviceKeyPair, KeyStore as _, SoftwareKeys};
use iampass_testkit::VirtualPhone;
use serde_json::{Value, json};
use std::sync::Arc;

use crate::verdict::Failure;
use crate::wire::{Answer, Pair, Wire};

pub(crate) const ANSWER: &str = "iampass-answer+jwt";

pub(crate) struct Forger {
    key: Arc<dyn DeviceKeyPair>,
}

impl Forger {
    /// One that has this phone's own key.
    pub(crate) async fn with_key_of(phone: &VirtualPhone) -> Result<Self, Failure> {
        let handle = phone.account().registration().device_key().ok_or("the phone has no key")?;
        Ok(Self { key: SoftwareKeys::new().open(handle).await? })
    }

    /// One with a key that nobody knows.
    pub(crate) async fn with_new_key() -> Result<Self, Failure> {
        Ok(Self { key: SoftwareKeys::new().generate().await? })
    }

    /// The uncompressed point of the public key.
    pub(crate) fn public(&self) -> [u8; 65] {
        self.key.public_key().sec1()
    }

    pub(crate) async fn sign(&self, header: &Value, payload: &Value) -> Result<String, Failure> {
        let message = unsigned(header, payload);
        let signature = self.key.sign(message.as_bytes()).await?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.as_bytes())))
    }

    pub(crate) async fn answer(&self, payload: &Value) -> Result<String, Failure> {
        self.sign(&json!({"alg": "ES256", "typ": ANSWER}), payload).await
    }
}

pub(crate) fn unsigned(header: &Value, payload: &Value) -> String {
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    format!("{}.{}", part(header), part(payload))
}

/// The claims of a good acceptance with these digits.
pub(crate) fn claims(
    wire: &Wire,
    phone: &VirtualPhone,
    request: &AuthenticationRequest,
    code: &str,
) -> Value {
    json!({
        "iss": phone.record().device.device_id, "aud": request.application_id, "sub": request.user_id,
        "jti": request.auth_request_id, "iat": wire.now().0, "accepted": true, "code": code,
    })
}

/// The same with one claim changed.
pub(crate) fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    if let Some(members) = claims.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
    claims
}

/// The pair that signs the calls about a question.
pub(crate) fn pair_of(request: &AuthenticationRequest) -> Pair {
    Pair::new(request.auth_request_id.as_str(), request.identify.identification_data_secret.expose())
}

/// The pair of a phone.
pub(crate) fn pair_of_phone(phone: &VirtualPhone) -> Pair {
    let device = &phone.record().device;
    Pair::new(device.device_id.as_str(), device.device_secret.expose())
}

/// Answers a question with this body, signed by what the service itself has given for it.
pub(crate) async fn answer(
    wire: &Wire,
    request: &AuthenticationRequest,
    body: &Value,
) -> Result<Answer, Failure> {
    wire.phone_post(&pair_of(request), &request.identify.identification_url, body).await
}
