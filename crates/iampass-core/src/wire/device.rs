//! The phone's side: registering, questions, sessions.
//!
//! The documentation leaves these calls to the mobile frameworks. Names are the snake_case of the reference pages \[F\];
//! URLs are opaque to the phone, which takes them from the answers \[X\].

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use super::word::word_enum;
use super::{AuthenticationMethod, SessionStatus};
use crate::{ApplicationId, AuthRequestId, DeviceId, Secret, UnixSeconds, UserToken};

word_enum! {
    /// The kind of a phone \[X\].
    Platform {
        /// An iPhone.
        Ios = "ios",
        /// An Android phone.
        Android = "android",
        /// A page in a browser, or a program.
        Web = "web",
    }
}

/// The body posted to a registration link \[F\]\[X\].
#[derive(Clone, Serialize, Deserialize)]
pub struct RegisterDevice {
    /// Where notifications go. One that begins with `*` is a simulated phone: nothing is pushed to it, it asks.
    pub notification_token: String,
    /// The kind of phone, if the phone says so \[X\].
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "named")]
    pub platform: Option<Platform>,
}

/// A platform that is there is a word, and not `null`.
fn named<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Platform>, D::Error> {
    Platform::deserialize(deserializer).map(Some)
}

/// A notification token lets others write to the phone: it is not printed.
impl fmt::Debug for RegisterDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegisterDevice").field("platform", &self.platform).finish_non_exhaustive()
    }
}

/// The record that a phone keeps about one user, given to it when it registers \[F\].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeviceRecord {
    /// The user of the phone.
    pub user: DeviceUser,
    /// The credentials that sign its calls.
    pub device: DeviceCredentials,
    /// Where to call.
    pub service: DeviceService,
    /// The training that the phone still needs.
    #[serde(default)]
    pub training: Training,
}

/// The user a phone stands for \[F\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceUser {
    /// As the application knows the user at the service.
    pub user_id: UserToken,
    /// How the phone shows the user. From the link; the service does not keep it \[D\].
    #[serde(default)]
    pub display_name: Option<String>,
}

/// The credentials of a phone \[F\].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeviceCredentials {
    /// The public half.
    pub device_id: DeviceId,
    /// The secret half.
    #[serde(serialize_with = "Secret::serialize_exposed")]
    pub device_secret: Secret,
}

/// The service as a phone sees it \[F\].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeviceService {
    /// Which application this is about; the id of the application \[X\].
    pub service_id: String,
    /// For calls about the service itself; none of ours needs it \[F\].
    #[serde(serialize_with = "Secret::serialize_exposed")]
    pub service_secret: Secret,
    /// The application's name, for the phone to show \[X\].
    #[serde(default)]
    pub service_name: Option<String>,
    /// Where to call.
    pub service_urls: DeviceUrls,
}

/// Where a phone calls. All are signed with the phone's credentials \[F\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceUrls {
    /// GET: [`ActiveSessions`].
    pub active_sessions: String,
    /// POST [`DeviceConfiguration`].
    pub device_configuration: String,
    /// POST: forget this phone.
    pub device_unregister: String,
    /// GET: [`PendingRequests`]. With `?wait=SECONDS` it answers as soon as there is one, or when the time is up \[X\].
    pub pending_requests: String,
    /// POST pictures for face recognition \[F\].
    pub training_data: String,
}

/// The training that the phone still needs \[F\].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Training {
    /// For face recognition.
    #[serde(default)]
    pub facial: FacialTraining,
}

/// How many pictures face recognition still needs \[F\].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FacialTraining {
    /// None: it is trained, or not used.
    #[serde(default)]
    pub num_images: u32,
}

/// The body posted to `device_configuration`, whose answer is [`DeviceConfigurationAnswer`] \[F\].
#[derive(Clone, Serialize, Deserialize)]
pub struct DeviceConfiguration {
    /// The new notification token.
    pub notification_token: String,
}

impl fmt::Debug for DeviceConfiguration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceConfiguration").finish_non_exhaustive()
    }
}

/// The answer of `device_configuration`: the whole device record again \[D\]\[A\].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeviceConfigurationAnswer {
    /// Whether it was taken over.
    pub status: bool,
    /// The record. The user's name is not in it: the link alone had it. None from a service that answers the status alone.
    #[serde(flatten)]
    pub record: Option<DeviceRecord>,
}

/// The answer of `pending_requests` \[F\].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PendingRequests {
    /// The questions that wait for this phone, oldest first.
    pub requests: Vec<AuthenticationRequest>,
}

/// A question put to a phone: is it you who is logging in? \[F\]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AuthenticationRequest {
    /// Signs, with the secret in [`Identify`], the two calls that answer.
    pub auth_request_id: AuthRequestId,
    /// The application that asks.
    pub application_id: ApplicationId,
    /// The name of the application that asks, as the user reads it.
    pub application_name: String,
    /// For whom.
    pub user_id: UserToken,
    /// When it was asked \[X\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_at: Option<UnixSeconds>,
    /// When it will no longer be waited for \[X\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<UnixSeconds>,
    /// How to answer.
    pub identify: Identify,
}

/// How a phone answers a question \[F\].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Identify {
    /// POST when the user sees the question; the session becomes `identifying`.
    pub identification_start_url: String,
    /// POST [`Identification`].
    pub identification_url: String,
    /// Signs the two calls together with `auth_request_id`.
    #[serde(serialize_with = "Secret::serialize_exposed")]
    pub identification_data_secret: Secret,
    /// The data that the phone has to bring.
    #[serde(default)]
    pub requested_data: RequestedData,
}

/// The data that a phone has to bring, one field a method; absent ones are not asked for \[F\].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedData {
    /// The user confirms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acceptance: Option<AcceptanceData>,
    /// The user unlocks the phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os_authentication: Option<Empty>,
    /// Pictures of the user's face.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facial: Option<FacialData>,
    /// The phone is near.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proximity: Option<Empty>,
}

impl RequestedData {
    /// The data that a phone has to bring for these methods; for none, that the user confirms \[X\].
    #[must_use]
    pub fn for_methods(methods: &[AuthenticationMethod]) -> Self {
        let asked = |method| methods.contains(&method);
        Self {
            acceptance: (methods.is_empty() || asked(AuthenticationMethod::Acceptance))
                .then(AcceptanceData::default),
            os_authentication: asked(AuthenticationMethod::Device).then_some(Empty {}),
            facial: asked(AuthenticationMethod::Facial).then(FacialData::default),
            proximity: None,
        }
    }
}

/// `{"acceptance": {"automatic": false}}` \[F\].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptanceData {
    /// How the user confirms.
    #[serde(default)]
    pub acceptance: Acceptance,
}

/// How the user confirms \[F\].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    /// Whether the phone may confirm without asking. Our service never says so \[X\].
    #[serde(default)]
    pub automatic: bool,
}

/// Which pictures are asked for \[F\].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FacialData {
    /// How many, in which format.
    #[serde(default)]
    pub image: FacialImage,
}

/// How many pictures, in which format \[F\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FacialImage {
    /// The format.
    pub encoding: String,
    /// How many.
    pub number: u32,
}

impl Default for FacialImage {
    fn default() -> Self {
        Self { encoding: "jpeg".to_owned(), number: 1 }
    }
}

/// An object without fields that mean anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Empty {}

/// The body posted to `identification_url`: the answer to a question, with the data that was collected \[F\].
#[derive(Clone, Serialize, Deserialize)]
pub struct Identification {
    /// Whether the user accepted.
    pub accepted: bool,
    /// The data that were collected, by the names of [`RequestedData`].
    #[serde(flatten)]
    pub collected: serde_json::Map<String, serde_json::Value>,
}

impl fmt::Debug for Identification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identification").field("accepted", &self.accepted).finish_non_exhaustive()
    }
}

/// The answer of `active_sessions` \[F\].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ActiveSessions {
    /// Sessions that this phone has opened and that have not ended, newest first.
    pub sessions: Vec<PhoneSession>,
}

/// A session as the phone that opened it sees it \[F\]\[X\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneSession {
    /// A name for it; not the token that the application has.
    pub session_id: String,
    /// Where the user is logged in.
    pub application_id: ApplicationId,
    /// Where the user is logged in, for a person.
    pub application_name: String,
    /// As whom.
    pub user_id: UserToken,
    /// `active` or `walkaway`.
    pub session_status: SessionStatus,
    /// Since when.
    pub started_at: UnixSeconds,
    /// Until when.
    pub expires_at: UnixSeconds,
    /// POST: end it (remote logout).
    pub logout_url: String,
    /// POST: the phone leaves.
    pub walkaway_url: String,
    /// POST: the phone is back.
    pub return_url: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_become_what_the_phone_is_asked_for() {
        let json = |methods: &[AuthenticationMethod]| {
            serde_json::to_value(RequestedData::for_methods(methods)).unwrap()
        };
        let acceptance = serde_json::json!({"acceptance": {"acceptance": {"automatic": false}}});
        assert_eq!(json(&[]), acceptance);
        assert_eq!(json(&[AuthenticationMethod::Acceptance]), acceptance);
        assert_eq!(
            json(&[AuthenticationMethod::Device, AuthenticationMethod::Facial]),
            serde_json::json!({"os_authentication": {}, "facial": {"image": {"encoding": "jpeg", "number": 1}}})
        );
    }

    #[test]
    fn a_recorded_device_record_is_read_and_its_secrets_not_printed() {
        let record: DeviceRecord = serde_json::from_str(
            r#"{"user": {"user_id": "u", "display_name": "Ann"}, "device": {"device_id": "d", "device_secret": "hunter1"},
               "service": {"service_id": "s", "service_secret": "hunter2", "service_urls": {"active_sessions": "a",
               "device_configuration": "b", "device_unregister": "c", "pending_requests": "d", "training_data": "e", "other": "f"}},
               "training": {"facial": {"num_images": 0}}}"#,
        )
        .unwrap();
        assert!(!format!("{record:?}").contains("hunter"));
        assert_eq!(serde_json::to_value(&record).unwrap()["device"]["device_secret"], "hunter1");
    }

    #[test]
    fn what_is_collected_travels_beside_the_answer() {
        let answer: Identification =
            serde_json::from_str(r#"{"accepted": true, "os_authentication": {"ok": 1}}"#).unwrap();
        assert!(answer.accepted);
        assert!(answer.collected.contains_key("os_authentication"));
        assert!(serde_json::from_str::<Identification>("{}").is_err(), "silence is no consent");
    }
}
