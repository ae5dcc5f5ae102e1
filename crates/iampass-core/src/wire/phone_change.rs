//! The changes that a phone asks for beside its answers, as a phone with a key of its own signs them \[X\].
//!
//! A phone without a key makes the same calls without a JWS \[F\].

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use super::unknown::Unknown;
use super::{DeviceConfiguration, PhonePresence};
use crate::{ApplicationId, DeviceId, Secret, UnixSeconds, UserToken};

/// The `typ` of the JWS that asks for a change \[X\].
pub const CHANGE_TYPE: &str = "iampass-change+jwt";

/// A change that a phone asks for. It says what is changed, so that the signature for one call is good for no other.
///
/// ```
/// use iampass_core::wire::PhoneChange;
///
/// let change = PhoneChange::Return { session_id: "9d2f0c41".into() };
/// assert_eq!(serde_json::to_string(&change)?, r#"{"change":"return","session_id":"9d2f0c41"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
#[non_exhaustive]
pub enum PhoneChange {
    /// `POST device_configuration`.
    Configuration(DeviceConfiguration),
    /// `POST device_unregister`.
    Unregister {},
    /// `POST logout_url` of this session.
    Logout {
        /// The session, by the name that the phone has of it.
        session_id: String,
    },
    /// `POST walkaway_url` of this session.
    Walkaway {
        /// The session, by the name that the phone has of it.
        session_id: String,
    },
    /// `POST return_url` of this session.
    Return {
        /// The session, by the name that the phone has of it.
        session_id: String,
    },
    /// `POST presence_url`: the phone is near or away.
    Presence(PhonePresence),
    /// `POST link`: one more phone is to be added.
    AddPhone {
        /// How the new phone shows the user.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        display_name: Option<String>,
    },
    /// `POST change`: the phone that waits is the user's own.
    ConfirmPhone {
        /// The phone that waits.
        phone_id: DeviceId,
        /// The digits that it shows.
        #[serde(serialize_with = "Secret::serialize_exposed")]
        code: Secret,
    },
    /// `POST change`: the phone that waits is not to be let in.
    DenyPhone {
        /// The phone that waits.
        phone_id: DeviceId,
    },
    /// `POST change`: a phone gets a name.
    NamePhone {
        /// The phone.
        phone_id: DeviceId,
        /// Its name: 1 to 64 characters.
        name: String,
    },
    /// `POST change`: a phone is removed, and its sessions end.
    RemovePhone {
        /// The phone.
        phone_id: DeviceId,
    },
    /// `POST recovery_codes`: new codes take the place of those that were made before.
    MakeRecoveryCodes {},
    /// `POST recover_url`, by a phone that waits.
    Recover {
        /// A recovery code, as the user has typed it.
        #[serde(serialize_with = "Secret::serialize_exposed")]
        recovery_code: Secret,
    },
}

/// The payload of a signed change \[X\].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangeClaims {
    /// The phone that asks for it.
    pub iss: DeviceId,
    /// The application of its user.
    pub aud: ApplicationId,
    /// The user of the phone.
    pub sub: UserToken,
    /// When it was signed.
    pub iat: UnixSeconds,
    /// The nonce of the request that it is sent with, in decimal. That request alone is good for it, and its nonce counts once, so the change is made
    /// once: also where somebody knows the secret that the phone shares with the service, and sends the same body again. `None`: a phone of
    /// before, whose change can be sent again for as long as its time is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// The change itself.
    #[serde(flatten)]
    pub change: PhoneChange,
}

/// The body of a call that changes something and has no other body, by a phone with a key of its own \[X\].
///
/// ```
/// use iampass_core::wire::ChangeRequest;
///
/// let signed: ChangeRequest = serde_json::from_str(r#"{"change": "eyJ…"}"#)?;
/// assert!(signed.change.is_some());
/// assert!(serde_json::from_str::<ChangeRequest>(r#"["eyJ…"]"#).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChangeRequest {
    /// A JWS in compact form with `alg` ES256, `typ` [`CHANGE_TYPE`] and the payload [`ChangeClaims`]. `None`: nothing is signed.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "text")]
    pub change: Option<String>,
    #[serde(flatten, skip_serializing)]
    _unknown: Unknown,
}

impl ChangeRequest {
    /// A body with this JWS.
    #[must_use]
    pub fn signed(jws: impl Into<String>) -> Self {
        Self { change: Some(jws.into()), ..Self::default() }
    }
}

/// The JWS may hold a notification token: it is not printed.
impl fmt::Debug for ChangeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChangeRequest").field("is_signed", &self.change.is_some()).finish_non_exhaustive()
    }
}

/// The body posted to `device_configuration`, in either form. A body that has both forms is an error \[X\].
#[derive(Clone, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum ConfigurationRequest {
    /// Of a phone with a key of its own: a JWS as in [`ChangeRequest`].
    Signed {
        /// The JWS.
        change: String,
    },
    /// Of a phone without one \[F\].
    Plain(DeviceConfiguration),
}

/// The JWS holds a notification token: it is not printed.
impl fmt::Debug for ConfigurationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signed { .. } => f.debug_struct("Signed").finish_non_exhaustive(),
            Self::Plain(plain) => f.debug_tuple("Plain").field(plain).finish(),
        }
    }
}

impl<'de> Deserialize<'de> for ConfigurationRequest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;

        #[derive(Deserialize)]
        struct Members {
            change: Option<String>,
            notification_token: Option<String>,
            #[serde(flatten)]
            _unknown: Unknown,
        }

        let Members { change, notification_token, .. } = Members::deserialize(deserializer)?;
        match (change, notification_token) {
            (Some(change), None) => Ok(Self::Signed { change }),
            (None, Some(notification_token)) => Ok(Self::Plain(DeviceConfiguration { notification_token })),
            _ => Err(D::Error::custom("exactly one of `change` and `notification_token` has to be there")),
        }
    }
}

/// A member that is there is a text, and not `null`.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    String::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_says_what_it_changes() {
        let configuration = DeviceConfiguration { notification_token: "*t".into() };
        for (change, json) in [
            (
                PhoneChange::Configuration(configuration),
                r#"{"change":"configuration","notification_token":"*t"}"#,
            ),
            (PhoneChange::Unregister {}, r#"{"change":"unregister"}"#),
            (PhoneChange::Logout { session_id: "s".into() }, r#"{"change":"logout","session_id":"s"}"#),
            (PhoneChange::AddPhone { display_name: None }, r#"{"change":"add_phone"}"#),
            (
                PhoneChange::ConfirmPhone { phone_id: DeviceId::new("d").unwrap(), code: "482913".into() },
                r#"{"change":"confirm_phone","phone_id":"d","code":"482913"}"#,
            ),
            (
                PhoneChange::Recover { recovery_code: "0123".into() },
                r#"{"change":"recover","recovery_code":"0123"}"#,
            ),
            (PhoneChange::Walkaway { session_id: "s".into() }, r#"{"change":"walkaway","session_id":"s"}"#),
        ] {
            assert_eq!(serde_json::to_string(&change).unwrap(), json);
            let claims = format!(r#"{{"iss":"D","aud":"A","sub":"U","iat":1,{}"#, &json[1..]);
            let read: ChangeClaims = serde_json::from_str(&claims).unwrap();
            assert_eq!(serde_json::to_string(&read.change).unwrap(), json);
        }
        for wrong in
            [r#"{"change":"return"}"#, r#"{"change":"other"}"#, "{}", r#"{"change":"return","session_id":1}"#]
        {
            assert!(serde_json::from_str::<PhoneChange>(wrong).is_err(), "{wrong}");
        }
    }
}
