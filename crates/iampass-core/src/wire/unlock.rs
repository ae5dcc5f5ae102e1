//! Unlocking the phone for a question: registering an unlock credential, and the challenge of a question \[X\].
//!
//! Belongs here: the bodies around what WebAuthn defines. Does not belong here: that itself, which browsers and authenticators make.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{ApplicationId, DeviceId, UnixSeconds, UserToken};

/// The `typ` of the JWS that asks for the registration of an unlock credential, and of the one that completes it \[X\].
pub const UNLOCK_TYPE: &str = "iampass-unlock+jwt";

/// Where a phone calls to prove that it was unlocked for a question. Part of [`Identify`](super::Identify) where that is asked for and the
/// service verifies it \[X\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnlockUrls {
    /// POST without a body, signed with the pair of the question: [`UnlockChallenge`]. `UNLOCK_NOT_REGISTERED` where the phone has no unlock
    /// credential yet.
    pub challenge_url: String,
    /// POST [`SignedUnlock`], signed with the phone's credentials: [`UnlockRegistration`].
    pub registration_url: String,
}

/// The body of the two calls that register an unlock credential. A phone without a key of its own cannot make them \[X\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedUnlock {
    /// A JWS in compact form (RFC 7515) with `alg` ES256, `typ` [`UNLOCK_TYPE`] and the payload [`UnlockClaims`].
    pub unlock: String,
}

/// The payload of [`SignedUnlock`] \[X\].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UnlockClaims {
    /// The phone.
    pub iss: DeviceId,
    /// The application that the phone is registered for.
    pub aud: ApplicationId,
    /// The user of the phone.
    pub sub: UserToken,
    /// When it was signed.
    pub iat: UnixSeconds,
    /// The new credential, as the JSON of a WebAuthn `RegistrationResponseJSON`. Not there in the call that begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<Value>,
}

/// The beginning of a registration \[X\].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UnlockRegistration {
    /// The options for `navigator.credentials.create`, with binary members in base64url: `{"publicKey": …}`.
    pub options: Value,
    /// POST [`SignedUnlock`] with the credential, signed with the phone's credentials.
    pub finish_url: String,
}

/// The challenge of a question. It is good for one answer to that question; a newer one takes its place \[X\].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UnlockChallenge {
    /// The options for `navigator.credentials.get`, with binary members in base64url: `{"publicKey": …}`. The JSON of the
    /// `AuthenticationResponseJSON` goes into the member `os_authentication` of the answer.
    pub options: Value,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_names_no_credential() {
        let claims = UnlockClaims {
            iss: DeviceId::new("d").unwrap(),
            aud: ApplicationId::new("APP").unwrap(),
            sub: UserToken::new("u").unwrap(),
            iat: UnixSeconds(7),
            credential: None,
        };
        let expected = serde_json::json!({"iss": "d", "aud": "APP", "sub": "u", "iat": 7});
        assert_eq!(serde_json::to_value(&claims).unwrap(), expected);
    }

    #[test]
    fn the_body_is_one_text() {
        for json in [r#"{}"#, r#"{"unlock": null}"#, r#"{"unlock": {}}"#, r#"{"unlock": "a", "more": 1}"#] {
            assert!(serde_json::from_str::<SignedUnlock>(json).is_err(), "{json}");
        }
        assert!(serde_json::from_str::<SignedUnlock>(r#"{"unlock": "a", "unlock": "b"}"#).is_err());
    }
}
