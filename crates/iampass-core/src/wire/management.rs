//! The Management API: users and their registration links. Signed with the application's credentials.

use serde::{Deserialize, Serialize};

use super::Reason;
use crate::{Secret, UserToken};

/// The body of `add_users` and `delete_users` \[P\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Users {
    /// The users to add or to delete.
    pub users: Vec<UserToken>,
}

/// The answer of `add_users` \[P\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddUsersAnswer {
    /// Whether the users are there now.
    pub status: bool,
    /// Which were new and which were not. There when `status` is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<AddedUsers>,
    /// Why not. There when `status` is false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// Which users a call of `add_users` made, and which it found \[P\].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddedUsers {
    /// New ones.
    #[serde(default)]
    pub created: Vec<UserToken>,
    /// Ones that had been added before.
    #[serde(default)]
    pub existing: Vec<UserToken>,
}

/// The answer of calls that are done or not done: `delete_users`, `send_registration_sms`, `send_registration_mail`, `logout_url` and the
/// phone's \[P\]\[X\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoneAnswer {
    /// Whether it was done.
    pub status: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Why not, for a person \[X\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl DoneAnswer {
    /// It was done.
    #[must_use]
    pub fn done() -> Self {
        Self { status: true, reason: None, message: None }
    }
}

/// The answer to a phone that has answered a question: done or not, and where the phone's own browser is to go \[X\].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AnswerTaken {
    /// Whether the answer was taken.
    #[serde(flatten)]
    pub done: DoneAnswer,
    /// The page of the application to go to at once, with the proof of this answer in it. The login waits until it was opened in the browser
    /// that began it. `None` where the answer came by what the browser shows.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "Secret::serialize_exposed_option"
    )]
    pub return_to: Option<Secret>,
}

/// The answer of `device_registration_link` and `lost_user_mobile_device` \[P\].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationLinkAnswer {
    /// Whether there is a link.
    pub status: bool,
    /// The URL to open on the phone. It works once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub register_url: Option<String>,
    /// Whether the link adds a phone to those that the user has. A service of before does not know such links: its link replaces the user's phones, and it
    /// does not say this \[X\].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub adds: bool,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// The holder of the link can become the user: it is not printed.
impl std::fmt::Debug for RegistrationLinkAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RegistrationLinkAnswer")
            .field("status", &self.status)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

/// The body of `send_registration_sms` \[P\].
#[derive(Clone, Serialize, Deserialize)]
pub struct RegistrationSms {
    /// With country code: `+1…`.
    pub phone_number: String,
    /// How the phone shows the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Text before the link; `{link}` in it stands for the link \[X\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// Phone numbers and names are personal: they are not printed.
impl std::fmt::Debug for RegistrationSms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RegistrationSms").finish_non_exhaustive()
    }
}

/// The body of `send_registration_mail` \[X\].
#[derive(Clone, Serialize, Deserialize)]
pub struct RegistrationMail {
    /// One address: `ann@example.org`.
    pub email: String,
    /// How the phone shows the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Text before the link; `{link}` in it stands for the link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// Addresses and names are personal: they are not printed.
impl std::fmt::Debug for RegistrationMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RegistrationMail").finish_non_exhaustive()
    }
}

/// The body of `recovery_link` \[X\].
#[derive(Clone, Serialize, Deserialize)]
pub struct RecoveryLink {
    /// A recovery code of the user, as it was typed.
    #[serde(serialize_with = "Secret::serialize_exposed")]
    pub recovery_code: Secret,
    /// How the phone shows the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
}

/// The holder of the code can become the user: it is not printed.
impl std::fmt::Debug for RecoveryLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecoveryLink").finish_non_exhaustive()
    }
}

/// The answer of `has_registered_mobile_device` \[P\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HasDeviceAnswer {
    /// Whether the question was answered.
    #[serde(default)]
    pub status: bool,
    /// Whether the user has a registered phone.
    pub device_registered: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_answers_are_read_and_unknown_fields_ignored() {
        let added: AddUsersAnswer = serde_json::from_str(
            r#"{"status": true, "users": {"created": ["u1"], "existing": ["u2"], "new": 1}, "more": {}}"#,
        )
        .unwrap();
        let users = added.users.unwrap();
        assert_eq!(users.created, [UserToken::new("u1").unwrap()]);
        assert_eq!(users.existing, [UserToken::new("u2").unwrap()]);

        let refused: AddUsersAnswer =
            serde_json::from_str(r#"{"status": false, "reason": "QUOTA"}"#).unwrap();
        assert_eq!(refused.reason, Some(Reason::Unknown("QUOTA".into())));

        let link: RegistrationLinkAnswer =
            serde_json::from_str(r#"{"status": true, "register_url": "https://iam-api.com/r/1"}"#).unwrap();
        assert_eq!(link.register_url.as_deref(), Some("https://iam-api.com/r/1"));
        assert!(!link.adds, "a service of before does not say it");
    }

    #[test]
    fn an_answer_without_its_point_is_malformed() {
        assert!(serde_json::from_str::<HasDeviceAnswer>(r#"{"status": true}"#).is_err());
        assert!(serde_json::from_str::<DoneAnswer>("{}").is_err());
        assert!(serde_json::from_str::<AddUsersAnswer>(r#"{"status": "true"}"#).is_err());
    }

    #[test]
    fn absent_fields_are_left_out() {
        let sms = RegistrationSms { phone_number: "+1".into(), display_name: None, message: None };
        assert_eq!(serde_json::to_string(&sms).unwrap(), r#"{"phone_number":"+1"}"#);
        let mail = RegistrationMail { email: "a@b.example".into(), display_name: None, message: None };
        assert_eq!(serde_json::to_string(&mail).unwrap(), r#"{"email":"a@b.example"}"#);
        assert_eq!(serde_json::to_string(&DoneAnswer::done()).unwrap(), r#"{"status":true}"#);
    }
}
