//! How a store is opened, and how one is found to be.

use iampass_core::UnixSeconds;

/// Whether others may have the data file open at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sharing {
    /// A service: the only one on this file.
    Alone,
    /// A command that adds or lists something beside a running service.
    Beside,
}

/// When an older schema is brought up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Migrations {
    /// Whenever the data is opened.
    #[default]
    AtStart,
    /// By `iampass-server migrate` only; until then older data is refused.
    ByCommand,
}

/// The condition of a store.
#[derive(Clone, Copy, Debug)]
pub struct StoreCondition {
    /// Whether its tables are those that this version knows.
    pub has_current_schema: bool,
    /// The time by its own clock, where it has one.
    pub now: Option<UnixSeconds>,
}
