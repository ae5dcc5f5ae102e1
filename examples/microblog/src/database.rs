//! The database. Belongs here: connecting to it, and which migrations it needs. Does not belong here: what they do (`migrations`),
//! or any question of the application.

use std::time::Duration;

use iampass::sea_orm::migration::up_under_lock;
use sea_orm::sqlx::sqlite::SqliteJournalMode;
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};

use crate::migrations::Migrator;

/// For how long somebody who writes waits for somebody else who writes: SQLite has one at a time.
const BUSY: Duration = Duration::from_secs(10);

/// Connects to the database at this URL and brings its tables up to date; a file of SQLite is made if there is none.
///
/// # Errors
/// The database's error.
pub async fn connect(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options.sqlx_logging(false).max_connections(10).acquire_timeout(BUSY);
    options.map_sqlx_sqlite_opts(|sqlite| {
        // Readers and a writer do not wait for each other so.
        sqlite.create_if_missing(true).journal_mode(SqliteJournalMode::Wal).busy_timeout(BUSY)
    });
    let database = Database::connect(options).await?;
    // Several nodes may start at once; one of them does it.
    up_under_lock::<Migrator>(&database).await?;
    Ok(database)
}
