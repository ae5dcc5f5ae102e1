//! [`ServiceReport`]: how a service is, for the page about it.
//!
//! Belongs here: what the service says of itself. Does not belong here: finding it out (the service), and the page ([`super::pages`]).

use async_trait::async_trait;
use iampass_core::UnixSeconds;
use iampass_server_storage::{KeptAlert, NodeSeen, StoreDescription};

/// Says how a service is.
#[async_trait]
pub trait ServiceReports: Send + Sync {
    /// How the service is now, as this node sees it.
    async fn report(&self) -> ServiceReport;
}

/// How a service is, as one of its nodes sees it.
#[derive(Clone, Debug)]
pub struct ServiceReport {
    /// The version of this node's program.
    pub version: &'static str,
    /// The time since when this node runs.
    pub runs_since: UnixSeconds,
    /// Whether this node may do its work.
    pub state: NodeState,
    /// The store. None where it does not say.
    pub store: Option<StoreDescription>,
    /// The nodes that are connected to the store. None where it has room for one alone, or does not say.
    pub nodes: Option<Vec<NodeSeen>>,
    /// The ways by which phones are pushed to.
    pub pushes: Vec<WayOut>,
    /// The ways by which links are sent.
    pub messages: Vec<WayOut>,
    /// The pushes of this node that wait.
    pub pushes_waiting: u64,
    /// The alerts that last, and the last ones that are over. None where operators are told of none.
    pub alerts: Option<Vec<KeptAlert>>,
}

/// The state of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NodeState {
    /// It does its work.
    Ready,
    /// It does its work, and its clock was ahead or set back a short while ago.
    ClockStepped,
    /// It is on its way out.
    Stopping,
    /// Its store cannot be reached, or fails.
    StoreAway,
    /// Its store does not commit in time.
    StoreSlow,
    /// The tables are of another version of the program.
    OtherTables,
    /// Its store takes no changes.
    StoreReadOnly,
    /// Its data file was deleted or replaced.
    StoreReplaced,
    /// Its clock differs from the database's, or was set back so far that calls are refused.
    ClockWrong,
}

/// A way out of the service, to phones or to mailboxes, and what became of what this node sent by it since it started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WayOut {
    /// The word for it: a push service, or a channel of messages.
    pub word: &'static str,
    /// The number that was taken at the other end.
    pub sent: u64,
    /// The number of attempts that failed and were or will be made again.
    pub delayed: u64,
    /// The number that was given up.
    pub failed: u64,
}

/// A setting as it is in force, with nothing secret in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownSetting {
    /// Its key in the file of settings.
    pub key: String,
    /// Its value, as the file would have it.
    pub value: String,
    /// The place where it was set. None for one that is as it comes.
    pub source: Option<String>,
}
