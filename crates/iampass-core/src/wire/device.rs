//! The phone's side: registering and questions.
//!
//! The documentation leaves these calls to the mobile frameworks. Names are the snake_case of the reference pages \[F\];
//! URLs are opaque to the phone, which takes them from the answers \[X\].

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use super::word::word_enum;
use super::{AuthenticationMethod, ConfirmationMethod, DeviceKey, PhoneUrls, UnlockUrls, WaitingRecord};
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
#[non_exhaustive]
pub struct RegisterDevice {
    /// Where notifications go. One that begins with `*` is a simulated phone: nothing is pushed to it, it asks.
    pub notification_token: String,
    /// The kind of phone, if the phone says so \[X\].
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "named")]
    pub platform: Option<Platform>,
    /// The public half of the phone's own key. A phone that registers one is believed by it alone, and a phone that registers none by the
    /// secret that it shares with the service \[X\].
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "named")]
    pub key: Option<DeviceKey>,
    /// The name of the phone, by which the user tells it from others: 1 to 64 characters \[X\].
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "named")]
    pub name: Option<String>,
}

impl RegisterDevice {
    /// A phone that says nothing but where notifications go.
    #[must_use]
    pub fn new(notification_token: impl Into<String>) -> Self {
        Self { notification_token: notification_token.into(), platform: None, key: None, name: None }
    }

    /// The same for a phone of this kind.
    #[must_use]
    pub fn platform(mut self, platform: Platform) -> Self {
        self.platform = Some(platform);
        self
    }

    /// The same for a phone of this name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The same for a phone with this key.
    #[must_use]
    pub fn key(mut self, key: DeviceKey) -> Self {
        self.key = Some(key);
        self
    }
}

/// A member that is there has a value, and is not `null`.
fn named<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A notification token lets others write to the phone: it is not printed.
impl fmt::Debug for RegisterDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegisterDevice")
            .field("platform", &self.platform)
            .field("key", &self.key)
            .finish_non_exhaustive()
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
    /// It is none of the user's phones until it is confirmed, and makes only the calls that are in here. None for a phone that waits for
    /// nothing \[X\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<WaitingRecord>,
}

/// The user a phone stands for \[F\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceUser {
    /// As the application knows the user at the service.
    pub user_id: UserToken,
    /// How the phone shows the user. From the link; the service does not keep it \[D\].
    #[serde(default)]
    pub display_name: Option<String>,
    /// The application whose user it is. A service of an older version does not say it \[F\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_id: Option<ApplicationId>,
    /// The application's name \[F\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_name: Option<String>,
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
    /// GET: [`ActiveSessions`](super::ActiveSessions).
    pub active_sessions: String,
    /// POST [`DeviceConfiguration`].
    pub device_configuration: String,
    /// POST: forget this phone.
    pub device_unregister: String,
    /// GET: [`PendingRequests`]. With `?wait=SECONDS` it answers as soon as there is one, or when the time is up \[X\].
    pub pending_requests: String,
    /// POST pictures for face recognition \[F\].
    pub training_data: String,
    /// POST [`BringRequest`](super::BringRequest): what a browser shows. The answer is [`PendingRequests`] with the question that it belongs
    /// to. None from a service that knows no codes and no keys of phones \[X\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bring_request: Option<String>,
    /// For calls about the phones of the user. None from a service where a user has one phone at most \[X\].
    #[serde(flatten)]
    pub phones: Option<PhoneUrls>,
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
    /// How the phone can be pushed to. None from a service that pushes to no phone \[X\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push: Option<PushPossible>,
    /// The record. The user's name is not in it: the link alone had it. None from a service that answers the status alone.
    #[serde(flatten)]
    pub record: Option<DeviceRecord>,
}

/// How a phone can be pushed to, and whether it is \[X\].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushPossible {
    /// The key that a browser subscribes for: the `applicationServerKey` of `pushManager.subscribe()`.
    pub application_server_key: String,
    /// Whether the phone is pushed to where its token says. If it is not, a browser has to unsubscribe and to subscribe anew: the key is
    /// another one, or the push service has dropped the subscription.
    pub is_subscribed: bool,
}

/// The answer of `pending_requests` \[F\].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PendingRequests {
    /// The questions that wait for this phone, oldest first.
    pub requests: Vec<AuthenticationRequest>,
    /// The number of the last thing that became of the user's phones. With `?phones=NUMBER` a call that waits is answered as soon as it is
    /// another one. None where nothing has, and in the answer of `bring_request` \[X\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phones_event: Option<u64>,
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
    /// How the answer is bound to the browser that asks; in no way if there is none \[X\].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confirm: Vec<ConfirmationMethod>,
    /// The browser that asks, as its application names it: `Firefox on Windows` \[X\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
    /// The address of the browser, as its application sees it \[X\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Whether the application says that the user has signed in from that browser before \[X\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_browser: Option<bool>,
    /// How to answer.
    pub identify: Identify,
}

impl AuthenticationRequest {
    /// Whether an acceptance has to bring what the browser shows. A way of binding that this version does not know cannot be answered
    /// either, and counts as one that needs it.
    #[must_use]
    pub fn needs_code(&self) -> bool {
        !self.confirm.is_empty()
    }
}

/// How a phone answers a question \[F\].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Identify {
    /// POST when the user sees the question; the session becomes `identifying`.
    pub identification_start_url: String,
    /// POST [`Identification`](super::Identification), or [`SignedAnswer`](super::SignedAnswer) from a phone with a key of its own.
    pub identification_url: String,
    /// Signs the two calls together with `auth_request_id`.
    #[serde(serialize_with = "Secret::serialize_exposed")]
    pub identification_data_secret: Secret,
    /// The data that the phone has to bring.
    #[serde(default)]
    pub requested_data: RequestedData,
    /// How the phone proves that it was unlocked. None where that is not asked for, or not verified \[X\].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unlock: Option<UnlockUrls>,
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
