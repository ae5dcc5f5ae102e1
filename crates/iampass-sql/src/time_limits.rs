//! How long statements and migrations may take. Belongs here: the limits, which are the same over every library. Does not belong here:
//! measuring them, and giving up a connection, which are the adapters' business.

use std::time::Duration;

/// How long a migration waits for another node's, in seconds.
pub const MIGRATION_LOCK_SECONDS: u64 = 60;

/// How long the server may take. The wait for a connection is not in it: the pool has a limit of its own.
///
/// A statement without an answer in this time is given up, and its connection is never used again: a server that is frozen, or a commit that
/// waits for a standby that is gone, would keep it for good. Whether the statement was done is not known then
/// ([`Fault::NoAnswer`](crate::Fault::NoAnswer)).
///
/// SQLite has no server. It waits for the lock of its file for as long as the application has set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeLimits {
    statement: Duration,
    migration: Duration,
}

impl Default for TimeLimits {
    /// Ten seconds for a statement, ten minutes for a migration.
    fn default() -> Self {
        Self { statement: Duration::from_secs(10), migration: Duration::from_secs(600) }
    }
}

impl TimeLimits {
    /// Gives each statement so long.
    #[must_use]
    pub const fn with_statement(mut self, limit: Duration) -> Self {
        self.statement = limit;
        self
    }

    /// Gives all migrations together so long, once their lock is held.
    #[must_use]
    pub const fn with_migration(mut self, limit: Duration) -> Self {
        self.migration = limit;
        self
    }

    /// How long a statement may take, its commit included.
    #[must_use]
    pub const fn statement(&self) -> Duration {
        self.statement
    }

    /// How long all migrations together may take, once their lock is held.
    #[must_use]
    pub const fn migration(&self) -> Duration {
        self.migration
    }

    /// How long it may take until the lock for migrations is held: the wait for another node's, and the answer.
    #[must_use]
    pub fn migration_lock(&self) -> Duration {
        Duration::from_secs(MIGRATION_LOCK_SECONDS).saturating_add(self.statement)
    }
}
