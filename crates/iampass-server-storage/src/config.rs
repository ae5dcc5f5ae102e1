//! [`StorageConfig`]: where the data is, and how it is opened.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use iampass_core::port::Clock;
use iampass_server_domain::AccountLimits;

use super::{DatabaseUrl, MasterKeySource, Migrations, SystemClock};

/// Where the service keeps its data.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum StorageLocation {
    /// An SQLite file; it is made if it does not exist, and closed to all but its owner if it does. Beside it there are `-wal`, `-shm` and
    /// `.lock` files, and the master key in a `.key` file unless it is elsewhere.
    File(PathBuf),
    /// A file in a new temporary directory, which is removed when the last handle of the service is dropped.
    Temporary,
    /// A PostgreSQL database, which many nodes share.
    Postgres(DatabaseUrl),
}

/// How a store is opened.
#[derive(Clone)]
pub struct StorageConfig {
    /// Where the data is kept.
    pub data: StorageLocation,
    /// Where the key is that the secrets in the data are sealed with.
    pub master_key: MasterKeySource,
    /// When data of an older version is brought up to date.
    pub migrations: Migrations,
    /// How much an account of the Console may take up: as much as it likes.
    pub account_limits: AccountLimits,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

impl StorageConfig {
    /// The defaults, with the data at `data` and the system's clock.
    #[must_use]
    pub fn new(data: StorageLocation) -> Self {
        let (master_key, migrations) = (MasterKeySource::default(), Migrations::default());
        let account_limits = AccountLimits::default();
        Self { data, master_key, migrations, account_limits, clock: Arc::new(SystemClock::new()) }
    }
}

impl fmt::Debug for StorageConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StorageConfig").field("data", &self.data).finish_non_exhaustive()
    }
}
