//! [`ForgingAuthenticator`]: an authenticator that says whatever a test wants it to say.
//!
//! It writes the bytes of WebAuthn by itself, without the library that the service reads them with.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use iampass_core::wire::AuthenticationRequest;
use iampass_phone::{Unlock, UnlockError};

use crate::TestkitError;

/// A [`ForgingAuthenticator`] behind the port by which a phone is unlocked.
#[derive(Debug)]
pub struct ForgedUnlock(Mutex<ForgingAuthenticator>);

impl ForgedUnlock {
    /// The port.
    #[must_use]
    pub const fn new(authenticator: ForgingAuthenticator) -> Self {
        Self(Mutex::new(authenticator))
    }

    /// The authenticator, to change what it says.
    pub fn authenticator(&self) -> MutexGuard<'_, ForgingAuthenticator> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Unlock for ForgedUnlock {
    async fn register(&self, options: &Value) -> Result<Value, UnlockError> {
        Ok(self.authenticator().create(options))
    }

    async fn unlock(&self, _request: &AuthenticationRequest, options: &Value) -> Result<Value, UnlockError> {
        self.authenticator().get(options).map_err(|error| UnlockError::Failed(Box::new(error)))
    }
}

/// The flags of authenticator data (WebAuthn, 6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthenticatorFlags {
    /// UP: somebody was there.
    pub present: bool,
    /// UV: it was the right person.
    pub verified: bool,
    /// BE: the credential may be backed up.
    pub backup_eligible: bool,
    /// BS: it is.
    pub backed_up: bool,
}

impl Default for AuthenticatorFlags {
    fn default() -> Self {
        Self { present: true, verified: true, backup_eligible: false, backed_up: false }
    }
}

/// A platform authenticator with one credential of ES256, and the browser in front of it. Everything that it says can be changed before it
/// says it; unchanged, it is honest.
#[derive(Debug)]
pub struct ForgingAuthenticator {
    key: EcdsaKeyPair,
    id: Vec<u8>,
    /// The origin of the page.
    pub origin: String,
    /// The flags of the next answer.
    pub flags: AuthenticatorFlags,
    /// The count of the last answer; the next one is higher by one.
    pub counter: u32,
    /// Whether it says 0 always, as one that does not count.
    pub does_not_count: bool,
    /// The id of the relying party, where it is not that of the options.
    pub relying_party: Option<String>,
    /// The challenge in base64url, where it is not that of the options.
    pub challenge: Option<String>,
    /// The `type` of the client data, where it is not that of the ceremony.
    pub ceremony: Option<&'static str>,
}

impl ForgingAuthenticator {
    /// One with a new credential, on a page of this origin.
    ///
    /// # Errors
    /// [`TestkitError`] when the system has no randomness.
    pub fn new(origin: impl Into<String>) -> Result<Self, TestkitError> {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).map_err(|_| no_randomness())?;
        let mut id = vec![0; 16];
        aws_lc_rs::rand::fill(&mut id).map_err(|_| no_randomness())?;
        Ok(Self {
            key,
            id,
            origin: origin.into(),
            flags: AuthenticatorFlags::default(),
            counter: 0,
            does_not_count: false,
            relying_party: None,
            challenge: None,
            ceremony: None,
        })
    }

    /// The id of its credential, in base64url.
    #[must_use]
    pub fn credential_id(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.id)
    }

    /// Answers `navigator.credentials.create`: the JSON of the new credential.
    pub fn create(&mut self, options: &Value) -> Value {
        let options = &options["publicKey"];
        let client_data = self.client_data("webauthn.create", options);
        let relying_party = options.pointer("/rp/id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut data = self.data(&relying_party, 0x40);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap_or_default().to_be_bytes());
        data.extend(&self.id);
        data.extend(self.public_key());
        // {"fmt": "none", "attStmt": {}, "authData": …}
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        object.extend(u16::try_from(data.len()).unwrap_or_default().to_be_bytes());
        object.extend(&data);
        json!({
            "id": self.credential_id(),
            "rawId": self.credential_id(),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data),
                "attestationObject": URL_SAFE_NO_PAD.encode(object),
                "transports": ["internal"],
            },
        })
    }

    /// Answers `navigator.credentials.get`: the JSON of the assertion.
    ///
    /// # Errors
    /// [`TestkitError`] when the system has no randomness.
    pub fn get(&mut self, options: &Value) -> Result<Value, TestkitError> {
        let options = &options["publicKey"];
        let client_data = self.client_data("webauthn.get", options);
        self.counter = self.counter.saturating_add(1);
        let relying_party = options["rpId"].as_str().unwrap_or_default().to_owned();
        let data = self.data(&relying_party, 0);
        let signed = [data.as_slice(), Sha256::digest(&client_data).as_slice()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).map_err(|_| no_randomness())?;
        Ok(json!({
            "id": self.credential_id(),
            "rawId": self.credential_id(),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": URL_SAFE_NO_PAD.encode(client_data),
                "authenticatorData": URL_SAFE_NO_PAD.encode(data),
                "signature": URL_SAFE_NO_PAD.encode(signature.as_ref()),
                "userHandle": null,
            },
        }))
    }

    fn client_data(&self, ceremony: &str, options: &Value) -> Vec<u8> {
        let challenge = self.challenge.as_deref().or(options["challenge"].as_str()).unwrap_or_default();
        let ceremony = self.ceremony.unwrap_or(ceremony);
        let client_data = json!({
            "type": ceremony, "challenge": challenge, "origin": self.origin, "crossOrigin": false,
        });
        client_data.to_string().into_bytes()
    }

    /// Authenticator data up to the attested credential data.
    fn data(&self, relying_party: &str, more_flags: u8) -> Vec<u8> {
        let relying_party = self.relying_party.as_deref().unwrap_or(relying_party);
        let AuthenticatorFlags { present, verified, backup_eligible, backed_up } = self.flags;
        let flags = u8::from(present)
            | u8::from(verified) << 2
            | u8::from(backup_eligible) << 3
            | u8::from(backed_up) << 4
            | more_flags;
        let mut data = Sha256::digest(relying_party.as_bytes()).to_vec();
        data.push(flags);
        let counter = if self.does_not_count { 0 } else { self.counter };
        data.extend(counter.to_be_bytes());
        data
    }

    /// The public key in COSE: `{1: 2, 3: -7, -1: 1, -2: x, -3: y}`.
    fn public_key(&self) -> Vec<u8> {
        let point = self.key.public_key().as_ref();
        let mut key = b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20".to_vec();
        key.extend(point.get(1..33).unwrap_or_default());
        key.extend(b"\x22\x58\x20");
        key.extend(point.get(33..65).unwrap_or_default());
        key
    }
}

fn no_randomness() -> TestkitError {
    TestkitError::Io(std::io::Error::other("the system has no randomness"))
}
