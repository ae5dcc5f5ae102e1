//! The answers of `/healthz` and `/readyz`, probes for programs that start, stop and balance nodes.
//!
//! `/healthz` says that the process lives: who does not answer it is to be started again. `/readyz` says whether it can do its work: who
//! does not say yes is to be sent nothing. A store that is away makes a node not ready, but it need not be started again for that.
//!
//! Belongs here: what can be found, and its words. Does not belong here: finding it ([`crate::health_check`]).

use serde::{Deserialize, Serialize};

/// The finding of asking the store.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub(crate) store: Store,
    /// Whether the store has a clock that differs from this machine's by more than the window of signatures.
    pub(crate) clocks_differ: bool,
}

impl From<Store> for Found {
    fn from(store: Store) -> Self {
        Self { store, clocks_differ: false }
    }
}

/// How the store is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Store {
    Ok,
    /// It cannot be reached, or it fails.
    Unreachable,
    /// It did not answer in time.
    TooSlow,
    /// Its tables are of another version of this program.
    OtherSchema,
    /// It can be read and takes no changes: a standby, a full disk, a role without rights.
    ReadOnly,
    /// The data file was deleted, or another one was put in its place.
    Replaced,
}

/// How the clock of this machine is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Clock {
    #[default]
    Ok,
    /// It has gone ahead by more than the window of signatures a short while ago. The node stays ready: a machine that was suspended sees the
    /// same.
    SteppedAhead,
    /// It was set back by more than the window of signatures a short while ago. The node is ready unless it refuses the calls of this time.
    SetBack,
    /// It differs from the database's by more than the window of signatures. The node is not ready.
    OffFromStore,
}

/// The answer of `/readyz`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Readiness {
    /// Whether all is well.
    pub(crate) status: bool,
    pub(crate) store: Store,
    /// A service of an older version does not say it.
    #[serde(default)]
    pub(crate) clock: Clock,
    /// Whether the node is on its way out.
    pub(crate) stopping: bool,
}

impl Readiness {
    /// The cause that keeps the node from its work, with what to do about it. None when it is ready.
    pub(crate) fn not_ready(self) -> Option<&'static str> {
        Some(match self.store {
            Store::Ok if self.stopping => "it is stopping",
            Store::Ok if self.status => return None,
            Store::Ok if self.clock == Clock::OffFromStore => {
                "its clock differs from the database's. Set the clocks of both by NTP"
            }
            Store::Ok => "its clock was set back, and calls of this time are refused. Read its log",
            Store::Unreachable => {
                "its store cannot be reached. Read its log, and check the database or the disk"
            }
            Store::TooSlow => {
                "its store does not commit in time. Check the database, its synchronous standbys and the disk"
            }
            Store::OtherSchema => {
                "its tables are of another version. Run `iampass-server migrate` of the newer version, and start each node with it"
            }
            Store::ReadOnly => {
                "its store takes no changes. Check for a standby, a full disk or a role without rights"
            }
            Store::Replaced => "its data file was deleted or replaced while it ran. Start it again",
        })
    }
}

/// The answer of `/healthz`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Alive {
    /// True in every answer.
    pub(crate) status: bool,
}

impl Alive {
    /// Whether it says so.
    pub(crate) fn is_alive(self) -> bool {
        self.status
    }
}
