//! Users of applications with their phones, sessions and logins, as the Admin API shows and changes them.

use serde::{Deserialize, Serialize};

use crate::UnixSeconds;

/// A user in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminUser {
    /// The user's id.
    pub user_id: String,
    /// When the user was added.
    pub added_at: UnixSeconds,
    /// When the last phone was registered. Absent: there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_since: Option<UnixSeconds>,
    /// How many sessions are open.
    pub open_sessions: u64,
}

/// Users of an application, by id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminUsers {
    /// Always true.
    pub status: bool,
    /// The users of this page.
    pub users: Vec<AdminUser>,
    /// The place of the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A phone of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminPhone {
    /// Its id.
    pub phone_id: String,
    /// The name that its user gave it; empty without one.
    pub name: String,
    /// The kind of phone, where it has said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// When it was added.
    pub added_at: UnixSeconds,
    /// When it last answered or changed something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<UnixSeconds>,
}

/// One user, with phones and sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminUserAnswer {
    /// Always true.
    pub status: bool,
    /// The user's id.
    pub user_id: String,
    /// When the user was added.
    pub added_at: UnixSeconds,
    /// The phones, the oldest first.
    pub phones: Vec<AdminPhone>,
    /// Until when an unused registration link is good. Absent: there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_until: Option<UnixSeconds>,
    /// How many recovery codes are left.
    pub recovery_codes_left: u32,
    /// Open sessions and those that are asked for, the newest first; the first hundred.
    pub sessions: Vec<AdminSession>,
}

/// The body of `add_users`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdminNewUsers {
    /// The ids of the users, as the application has chosen them.
    pub users: Vec<String>,
}

/// The body of `link` and `phone_lost`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdminNewLink {
    /// How the phone shows the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// For `link`: whether the phones that the user has stay, and one of them confirms the new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub add: Option<bool>,
}

/// Names are personal: they are not printed.
impl std::fmt::Debug for AdminNewLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AdminNewLink").field("add", &self.add).finish_non_exhaustive()
    }
}

/// A session that has not ended, or that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminSession {
    /// Its number, by which it is ended. It signs nothing.
    pub session: u64,
    /// The user's id; empty when the user is gone, or is not known yet.
    pub user_id: String,
    /// The word for its state.
    pub state: String,
    /// When the phone was asked.
    pub asked_at: UnixSeconds,
    /// When the user accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activated_at: Option<UnixSeconds>,
    /// When the state ends by itself.
    pub due_at: UnixSeconds,
    /// The kind of phone that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
}

/// Sessions of an application, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminSessions {
    /// Always true.
    pub status: bool,
    /// The sessions of this page.
    pub sessions: Vec<AdminSession>,
    /// The place of the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A login, and the session that came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminLogin {
    /// When the phone was asked.
    pub asked_at: UnixSeconds,
    /// The user's id; empty when the user is gone, or was never known.
    pub user_id: String,
    /// The word for how it went, such as `accepted` or `denied`.
    pub outcome: String,
    /// The word for why it ended. Absent: it has not, or that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// The browser's name, where the application has told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
    /// The browser's address, where the application has told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Seconds from the question to the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_after: Option<u64>,
    /// Seconds from the answer to the end of the session, or until now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lasted: Option<u64>,
}

/// Logins at an application, the latest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminHistory {
    /// Always true.
    pub status: bool,
    /// The logins of this page. A page may have none, and still not be the last.
    pub logins: Vec<AdminLogin>,
    /// The place of the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
