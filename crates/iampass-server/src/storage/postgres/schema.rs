//! The tables in PostgreSQL, and how an older database becomes a current one.
//!
//! The table `schema_version` counts the migrations that have run. They run one node at a time, in one transaction, and are only ever added at
//! the end, each as a file in `migrations/`, and for SQLite as well.

use iampass_core::port::Clock;

use super::pool::{Pool, Taken};
use crate::storage::{Migrations, StorageError};

const MIGRATIONS: &[&str] = &[
    include_str!("migrations/1.sql"),
    include_str!("migrations/2.sql"),
    include_str!("migrations/3.sql"),
    include_str!("migrations/4.sql"),
    include_str!("migrations/5.sql"),
    include_str!("migrations/6.sql"),
    include_str!("migrations/8.sql"),
];

pub(crate) const KNOWN: i64 = MIGRATIONS.len() as i64;

/// Everything that the migrations make, and the table that counts them.
const TABLES: &[&str] = &[
    "accounts",
    "applications",
    "audit",
    "console_links",
    "console_sessions",
    "console_shared",
    "console_tokens",
    "deliveries",
    "denials",
    "devices",
    "links",
    "members",
    "nonces",
    "schema_version",
    "sessions",
    "settings",
    "users",
];

/// The SQL that removes all of it, whatever refers to what.
pub(super) fn forget_all() -> String {
    let tables = TABLES.join(", ");
    format!("DROP TABLE IF EXISTS {tables} CASCADE; DROP FUNCTION IF EXISTS audit_is_only_added_to() CASCADE")
}

/// Any number will do, as long as all nodes take the same.
const LOCK: i64 = 0x6961_6d70_6173_7300;

/// How far the clocks of nodes and database may lie apart. Deadlines are judged by each node's own.
const CLOCKS_APART: u64 = 30;

/// Brings the database to the current schema.
///
/// # Errors
/// [`StorageError::NewerSchema`] for a database of a newer version, which is left as it is; [`StorageError::OlderSchema`].
pub(super) async fn bring_up(pool: &Pool, migrations: Migrations) -> Result<(), StorageError> {
    let mut connection = pool.take().await?;
    let found = version(&connection).await?;
    check(found, migrations)?;
    if found == KNOWN {
        return Ok(());
    }
    let (client, _) = connection.parts();
    let transaction = client.transaction().await?;
    transaction.batch_execute("SET LOCAL lock_timeout = '60s'; SET LOCAL statement_timeout = 0").await?;
    transaction.query("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await?;
    transaction.batch_execute("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)").await?;
    let row = transaction.query_one("SELECT coalesce(max(version), 0) FROM schema_version", &[]).await?;
    // Another node may have been first.
    let found: i64 = row.try_get(0)?;
    check(found, migrations)?;
    let done = usize::try_from(found).map_err(|_| StorageError::Corrupt { what: "schema version" })?;
    for migration in MIGRATIONS.iter().skip(done) {
        transaction.batch_execute(migration).await?;
    }
    transaction.execute("DELETE FROM schema_version", &[]).await?;
    transaction.execute("INSERT INTO schema_version VALUES ($1)", &[&KNOWN]).await?;
    transaction.commit().await?;
    Ok(())
}

async fn version(connection: &Taken) -> Result<i64, StorageError> {
    let client = connection.client();
    let is_there = client.query_one("SELECT to_regclass('schema_version') IS NOT NULL", &[]).await?;
    if !is_there.try_get::<_, bool>(0)? {
        return Ok(0);
    }
    let row = client.query_one("SELECT coalesce(max(version), 0) FROM schema_version", &[]).await?;
    Ok(row.try_get(0)?)
}

pub(super) fn check(found: i64, migrations: Migrations) -> Result<(), StorageError> {
    if found > KNOWN {
        return Err(StorageError::NewerSchema { found, known: KNOWN });
    }
    if found < KNOWN && found > 0 && migrations == Migrations::ByCommand {
        return Err(StorageError::OlderSchema { found, known: KNOWN });
    }
    Ok(())
}

/// Says so when the clock is far from the database's: a deadline would count for one node and not for another.
pub(super) async fn compare_clocks(pool: &Pool, clock: &dyn Clock) -> Result<(), StorageError> {
    let connection = pool.take().await?;
    let row =
        connection.client().query_one("SELECT floor(extract(epoch FROM clock_timestamp()))::bigint", &[]);
    let theirs: i64 = row.await?.try_get(0)?;
    let ours = i64::try_from(clock.now().wall.0).unwrap_or(i64::MAX);
    let apart = theirs.abs_diff(ours);
    if apart > CLOCKS_APART {
        tracing::warn!(
            seconds = apart,
            "the clocks of this node and of the database are apart: deadlines of logins and sessions are wrong by that much until they agree"
        );
    }
    Ok(())
}
