//! Our migrations on a connection. Belongs here: one at a time, once, and noted where diesel notes its own.

use std::time::Duration;

use diesel::migration::CREATE_MIGRATIONS_TABLE;
use iampass_sql::{DatabaseError, Fault, MIGRATION_LOCK_SECONDS, Schema, TimeLimits, Version};

use super::{Migrated, noted_as, script};
use crate::driver::{Driver, Outcome, explain};
use crate::within::within;

/// How long a node waits for another one that migrates.
const PATIENCE: Duration = Duration::from_secs(MIGRATION_LOCK_SECONDS);

/// How often a migration looks at the book again that met another node's. Each time, at least one of the nodes that met has gone on.
const RUNS: usize = 20;

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Up,
    Down,
}

/// Whether the connection can be used for something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    Clean,
    /// It may hold the lock, or be in the middle of a transaction.
    Spoilt,
}

/// Does the migrations that have not been done. The lock of a Galera node does not keep out another node's migrations; one that meets them
/// looks at the book again.
pub(crate) async fn migrate<C: Driver>(
    connection: &mut C,
    schema: &Schema,
    direction: Direction,
    limits: TimeLimits,
) -> (Result<Migrated, DatabaseError>, After) {
    let mut runs = 0;
    loop {
        let (done, after) = migrate_once(connection, schema, direction, limits).await;
        runs += 1;
        let has_met_another =
            |error: &DatabaseError| matches!(error.fault(), Fault::Contended | Fault::UniqueViolation);
        if runs == RUNS || after == After::Spoilt || !done.as_ref().is_err_and(has_met_another) {
            return (done, after);
        }
    }
}

async fn migrate_once<C: Driver>(
    connection: &mut C,
    schema: &Schema,
    direction: Direction,
    limits: TimeLimits,
) -> (Result<Migrated, DatabaseError>, After) {
    let begun = within::<C, _>(limits.migration_lock(), connection.begin_migration(PATIENCE)).await;
    if let Err(error) = begun.and_then(|begun| begun) {
        // PostgreSQL has begun a transaction, and waits to hear that it is over.
        return failed(connection, error, limits).await;
    }
    let migrated = within::<C, _>(limits.migration(), migrate_locked(connection, schema, direction)).await;
    let done = match migrated {
        Ok(Ok(done)) => done,
        Ok(Err(error)) => {
            let explained = within::<C, _>(limits.statement(), explain(connection, error)).await;
            return failed(connection, explained.unwrap_or_else(|no_answer| no_answer), limits).await;
        }
        Err(error) => return (Err(error), After::Spoilt),
    };
    let ended = within::<C, _>(limits.statement(), async {
        match connection.end_migration(Outcome::Done).await {
            Ok(()) => Ok(()),
            Err(error) => Err(explain(connection, error).await),
        }
    });
    match ended.await.and_then(|ended| ended) {
        Ok(()) => (Ok(done), After::Clean),
        Err(error) => (Err(error), After::Spoilt),
    }
}

/// Takes back what can be taken back, if the server still answers.
async fn failed<C: Driver>(
    connection: &mut C,
    error: DatabaseError,
    limits: TimeLimits,
) -> (Result<Migrated, DatabaseError>, After) {
    if error.fault() == Fault::NoAnswer {
        return (Err(error), After::Spoilt);
    }
    let ended = within::<C, _>(limits.statement(), connection.end_migration(Outcome::Failed)).await;
    (Err(error), if matches!(ended, Ok(Ok(()))) { After::Clean } else { After::Spoilt })
}

async fn migrate_locked<C: Driver>(
    connection: &mut C,
    schema: &Schema,
    direction: Direction,
) -> diesel::QueryResult<Migrated> {
    connection.run_script(CREATE_MIGRATIONS_TABLE).await?;
    let mut versions = Version::ALL;
    if direction == Direction::Down {
        versions.reverse();
    }
    let mut migrated = Migrated::Before;
    for version in versions {
        if migrate_one(connection, schema, version, direction).await? == Migrated::Now {
            migrated = Migrated::Now;
        }
    }
    Ok(migrated)
}

async fn migrate_one<C: Driver>(
    connection: &mut C,
    schema: &Schema,
    version: Version,
    direction: Direction,
) -> diesel::QueryResult<Migrated> {
    // It holds digits and hyphens only.
    let noted_as = noted_as(version, schema);
    let noted = format!("SELECT COUNT(*) FROM __diesel_schema_migrations WHERE version = '{noted_as}'");
    let is_done = connection.fetch_number(&noted, 0).await?.unwrap_or_default() > 0;
    let (is_wanted, statements, note) = match direction {
        Direction::Up => (
            true,
            schema.up_to(version, C::DIALECT),
            format!("INSERT INTO __diesel_schema_migrations (version) VALUES ('{noted_as}')"),
        ),
        Direction::Down => (
            false,
            schema.down_from(version, C::DIALECT),
            format!("DELETE FROM __diesel_schema_migrations WHERE version = '{noted_as}'"),
        ),
    };
    if is_done == is_wanted {
        return Ok(Migrated::Before);
    }
    connection.run_script(&script(&statements)).await?;
    connection.run_script(&note).await?;
    Ok(Migrated::Now)
}
