//! Keys, the audit log, accounts and the service itself, as the Admin API shows them.

use serde::{Deserialize, Serialize};

use crate::UnixSeconds;

/// The key that has signed, as the service sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminKeyAnswer {
    /// Always true.
    pub status: bool,
    /// Its id.
    pub key_id: String,
    /// Its name.
    pub name: String,
    /// The words of its scopes.
    pub scopes: Vec<String>,
    /// The only application that it may be used for. Absent: all that its maker may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_id: Option<String>,
    /// The account that made it. Absent: a command on the machine of the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The second from which on it is good no longer.
    pub expires_at: UnixSeconds,
}

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminLogEntry {
    /// When.
    pub at: UnixSeconds,
    /// The application's id. Absent: it is of the whole service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_id: Option<String>,
    /// The account, command or key that did it.
    pub actor: String,
    /// The kind of change.
    pub action: String,
    /// The subject of the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}

/// The audit log, the latest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminLog {
    /// Always true.
    pub status: bool,
    /// The entries of this page. A page may have none, and still not be the last.
    pub entries: Vec<AdminLogEntry>,
    /// The place of the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// An account of the Console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminAccount {
    /// Its name.
    pub name: String,
    /// Whether it administers the service.
    pub administrator: bool,
    /// When it was made.
    pub created_at: UnixSeconds,
    /// When it signed in first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrived_at: Option<UnixSeconds>,
    /// When it was disabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<UnixSeconds>,
}

/// Accounts, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminAccounts {
    /// Always true.
    pub status: bool,
    /// The accounts of this page.
    pub accounts: Vec<AdminAccount>,
    /// The place of the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A node of the service, as its database sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminNode {
    /// The version of its program.
    pub version: String,
    /// The name of its machine.
    pub host: String,
    /// The number of its process there.
    pub process: u32,
}

/// How the service is, as the node sees it that answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminService {
    /// Always true.
    pub status: bool,
    /// The version of this node's program.
    pub version: String,
    /// The time since when this node runs.
    pub runs_since: UnixSeconds,
    /// The word for how this node is: `ready` where it does its work.
    pub state: String,
    /// `sqlite` or `postgres`. Absent: the store does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// The nodes on the same database. Absent: there can be one alone, or the store does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes: Option<Vec<AdminNode>>,
    /// The pushes of this node that wait.
    pub pushes_waiting: u64,
}
