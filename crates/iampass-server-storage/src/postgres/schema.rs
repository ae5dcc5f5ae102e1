//! The tables in PostgreSQL, and how an older database becomes a current one.
//!
//! The table `schema_version` counts the migrations that have run. They run one node at a time, in one transaction, and are only ever added at
//! the end, each as a file in `migrations/`, and for SQLite as well.

use iampass_core::port::Clock;
use tokio_postgres::{Client, Transaction};

use super::long_work::wait_for;
use super::pool::{Pool, Taken};
use crate::error::not_committed;
use crate::{Migrations, StorageError};

const MIGRATIONS: &[&str] = &[
    include_str!("migrations/1.sql"),
    include_str!("migrations/2.sql"),
    include_str!("migrations/3.sql"),
    include_str!("migrations/4.sql"),
    include_str!("migrations/5.sql"),
    include_str!("migrations/6.sql"),
    include_str!("migrations/7.sql"),
    include_str!("migrations/8.sql"),
    include_str!("migrations/9.sql"),
    include_str!("migrations/10.sql"),
    include_str!("migrations/11.sql"),
    include_str!("migrations/12.sql"),
    include_str!("migrations/13.sql"),
    include_str!("migrations/14.sql"),
    include_str!("migrations/15.sql"),
    include_str!("migrations/16.sql"),
    include_str!("migrations/17.sql"),
    include_str!("migrations/18.sql"),
    include_str!("migrations/19.sql"),
    include_str!("migrations/20.sql"),
    include_str!("migrations/21.sql"),
    include_str!("migrations/22.sql"),
    include_str!("migrations/23.sql"),
    include_str!("migrations/24.sql"),
    include_str!("migrations/25.sql"),
    include_str!("migrations/26.sql"),
];

pub(crate) const KNOWN: i64 = MIGRATIONS.len() as i64;

/// Asks for the version of the tables, and for the time by the clock of the database.
pub(crate) const CONDITION: &str =
    "SELECT max(version), CAST(extract(epoch FROM clock_timestamp()) AS BIGINT) FROM schema_version";

/// Everything that the migrations make, and the table that counts them.
const TABLES: &[&str] = &[
    "accounts",
    "admin_keys",
    "alerts",
    "applications",
    "audit",
    "console_links",
    "console_sessions",
    "console_shared",
    "console_tokens",
    "deliveries",
    "denials",
    "devices",
    "event_endpoints",
    "events",
    "links",
    "members",
    "nonces",
    "phone_events",
    "push_subscriptions",
    "pushes",
    "recovery_codes",
    "schema_version",
    "sessions",
    "settings",
    "unlock_credentials",
    "unlock_registrations",
    "users",
    "waiting_phones",
    "wrong_codes",
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
    let found = connection.begin().of(Box::pin(version(&connection))).await?;
    connection.end(&found);
    let found = found?;
    check(found, migrations)?;
    if found == KNOWN {
        return Ok(());
    }
    if found == 0 {
        let warned = connection.begin().of(Box::pin(warn_of_others(connection.client()))).await?;
        connection.end(&warned);
        warned?;
    }
    let migrated = run(pool, &mut connection, migrations).await;
    // One that was given up in the middle leaves the pool.
    if !matches!(migrated, Err(StorageError::Unreachable(_) | StorageError::MaybeCommitted(_))) {
        connection.end(&migrated);
    }
    migrated
}

/// Runs the migrations that are missing, in one transaction. The wait for another node and the migrations themselves may take long; all else has
/// the time of any other operation, the commit too.
async fn run(pool: &Pool, connection: &mut Taken, migrations: Migrations) -> Result<(), StorageError> {
    let limit = connection.begin();
    let (client, _) = connection.parts();
    let begun = Box::pin(async {
        let transaction = client.transaction().await?;
        transaction.batch_execute("SET LOCAL lock_timeout = '60s'; SET LOCAL statement_timeout = 0").await?;
        Ok::<_, StorageError>(transaction)
    });
    let transaction = limit.anew().of(begun).await??;
    let lock = Box::pin(async {
        transaction.query("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await?;
        Ok(())
    });
    wait_for(pool, &limit, "another node, which brings the tables up to date", lock).await?;
    let migrated = Box::pin(migrate(&transaction, migrations));
    wait_for(pool, &limit, "the migrations, which bring the tables up to date", migrated).await?;
    match limit.anew().of(Box::pin(transaction.commit())).await {
        Ok(committed) => committed.map_err(not_committed),
        Err(given_up) => Err(StorageError::MaybeCommitted(given_up.why())),
    }
}

async fn migrate(transaction: &Transaction<'_>, migrations: Migrations) -> Result<(), StorageError> {
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
    Ok(())
}

/// Says so where new tables are made beside others of the service: a changed search path hides those that have the data.
async fn warn_of_others(client: &Client) -> Result<(), StorageError> {
    let sql = "SELECT coalesce(current_schema(), '?'), coalesce(string_agg(DISTINCT space.nspname, ', '), '')
               FROM pg_class AS found JOIN pg_namespace AS space ON space.oid = found.relnamespace
               WHERE found.relname = 'schema_version' AND found.relkind = 'r'";
    let row = client.query_one(sql, &[]).await?;
    let (here, elsewhere): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    if elsewhere.is_empty() {
        tracing::info!(schema = here, "the database is empty: the tables are made in this schema");
    } else {
        tracing::warn!(
            schema = here,
            elsewhere,
            "new, empty tables are made in this schema, but another schema has tables of the service: check search_path if its data is expected"
        );
    }
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
    let asked = Box::pin(async {
        let sql = "SELECT floor(extract(epoch FROM clock_timestamp()))::bigint";
        Ok(connection.client().query_one(sql, &[]).await?.try_get(0)?)
    });
    let theirs = connection.begin().of(asked).await?;
    connection.end(&theirs);
    let theirs: i64 = theirs?;
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
