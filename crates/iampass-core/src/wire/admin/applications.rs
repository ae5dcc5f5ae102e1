//! Applications, as the Admin API shows and changes them.

use serde::{Deserialize, Deserializer, Serialize};

use crate::wire::AuthenticationMethod;
use crate::{Secret, UnixSeconds};

/// An application with its settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminApplication {
    /// Its id.
    pub application_id: String,
    /// The name that phones show.
    pub name: String,
    /// When it was made.
    pub created_at: UnixSeconds,
    /// When it was disabled. Absent: it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<UnixSeconds>,
    /// `code` or `tap`.
    pub approval: String,
    /// Whether sessions follow the word of their phones that they are near.
    pub walkaway: bool,
    /// The phones that may answer: `any`, `key` (with a key of their own) or `unlock` (unlocked for each login).
    pub phones: String,
    /// The methods that it may ask for. Absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub methods: Option<Vec<AuthenticationMethod>>,
    /// How long its sessions last when it does not say. Absent: the service's own time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<u64>,
    /// Until when the secret before the present one is good. Absent: it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_secret_until: Option<UnixSeconds>,
}

/// Applications, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminApplications {
    /// Always true.
    pub status: bool,
    /// The applications of this page.
    pub applications: Vec<AdminApplication>,
    /// The place of the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// One application, and how much it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminApplicationAnswer {
    /// Always true.
    pub status: bool,
    /// The application.
    pub application: AdminApplication,
    /// How many users it has.
    pub users: u64,
    /// How many phones its users have.
    pub phones: u64,
    /// How many sessions are open or asked for.
    pub sessions: u64,
}

/// The body of `add_application`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdminNewApplication {
    /// The name that phones show.
    pub name: String,
    /// `code`, which is so where nothing is said, or `tap`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<String>,
}

/// An application's credentials, which are shown this once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AdminCredentials {
    /// Always true.
    pub status: bool,
    /// The id of the application.
    pub application_id: String,
    /// Its new secret.
    #[serde(serialize_with = "Secret::serialize_exposed")]
    pub application_secret: Secret,
    /// Until when the secret before is good as well. Absent: it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_secret_until: Option<UnixSeconds>,
}

/// The body of `rename`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdminRename {
    /// The name that phones show.
    pub name: String,
}

/// The body of `settings`. A setting that is not named stays as it is. `null` clears `methods` and `duration_seconds`, and leaves the others as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdminSettings {
    /// The methods that it may ask for. `Some(None)`, on the wire `null`: all.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "named")]
    pub methods: Option<Option<Vec<String>>>,
    /// How long its sessions last when it does not say. `Some(None)`, on the wire `null`: the service's own time.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "named")]
    pub duration_seconds: Option<Option<u64>>,
    /// `code` or `tap`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<String>,
    /// Whether sessions follow the word of their phones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub walkaway: Option<bool>,
    /// The phones that may answer: `any`, `key` or `unlock`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phones: Option<String>,
}

/// The body of `rotate_secret`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdminRotation {
    /// For how long the secret before stays good: at most a week, 0 for not at all.
    pub overlap_seconds: u64,
}

/// A member that is named. `null` is a value of it; one that is left out stays `None`.
fn named<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
