//! The tables' migration, the way sea-orm does it. Belongs here: what an application calls. Does not belong here: the tables' SQL, which
//! is in `iampass-sql`.
//!
//! There are two ways, and one is enough:
//!
//! * [`migrate`] at the start of each node. It keeps its own book, in the table `iampass_migrations`, so an application's own
//!   migrator is not disturbed by it.
//! * [`IampassMigration::all`] among the migrations of the application's own migrator, run from wherever those are run.
//!
//! Tables that one of them, `iampass-diesel` or plain SQL has made are left unchanged by the others.
//!
//! ```
//! use iampass_sea_orm::{IampassMigration, Schema};
//! use sea_orm_migration::{MigrationTrait, MigratorTrait};
//!
//! struct Migrator;
//!
//! impl MigratorTrait for Migrator {
//!     fn migrations() -> Vec<Box<dyn MigrationTrait>> {
//!         let mut migrations: Vec<Box<dyn MigrationTrait>> = vec![
//!             // Box::new(m20220101_000001_create_users::Migration),
//!         ];
//!         migrations.extend(IampassMigration::all(&Schema::default()));
//!         migrations
//!     }
//! }
//! ```

#[cfg(feature = "mysql")]
mod galera;
mod iampass_migration;
mod lock;
mod migrator;
mod own;
#[cfg(feature = "postgres")]
mod pooler;

pub use iampass_migration::IampassMigration;

use iampass_sql::{Fault, Schema, TimeLimits};
use sea_orm::{DatabaseConnection, DbErr};
use sea_orm_migration::{MigratorTrait, MigratorTraitSelf as _};

use crate::fault::{fault_of, no_answer};
use crate::within::within;
use lock::Lock;
use migrator::IampassMigrator;
use own::Own;

/// How often migrations look at the book again. Each time, at least one of the nodes that met has gone on.
const RUNS: usize = 20;

/// Runs migrations under the lock. Those that met another node's, which the lock of a Galera node does not keep out, look at the book again.
/// (A function that takes them as a closure cannot say that its future may change threads.)
macro_rules! under_lock {
    ($database:expr, $limits:expr, $executor:ident => $run:expr) => {{
        let limits: TimeLimits = $limits;
        let own = within(limits.migration_lock(), Own::beside($database, limits.statement()));
        let own = own.await.ok_or_else(no_answer)??;
        let limits = own.limits(limits);
        let mut runs = 0;
        loop {
            let lock = within(limits.migration_lock(), Lock::take(&own)).await.ok_or_else(no_answer)??;
            let $executor = lock.executor();
            // Without an answer the lock is dropped, and its connection with it.
            let done = $run;
            let done = within(limits.statement(), lock.release(done)).await.ok_or_else(no_answer)?;
            runs += 1;
            match done {
                Err(error) if runs < RUNS && has_met_another(&error) => {}
                done => {
                    let _ = within(limits.statement(), own.close()).await;
                    return done;
                }
            }
        }
    }};
}

/// Makes the tables of `schema`, unless that has been done. The users table has to be there.
///
/// To be called by each node at its start, at once if it so happens: one does it, and the others wait until it is done. They wait on a
/// lock of the database's own for up to a minute: an advisory lock in PostgreSQL, where the whole is one transaction; `GET_LOCK` in MySQL.
/// Both are on a connection beside the pool's. In SQLite the whole is one write transaction, and others wait for as long as their busy timeout
/// allows. In a Galera cluster the lock is each node's own. There one that meets another looks at the book again and goes on.
///
/// A server that is silent is given up: see [`TimeLimits`], whose defaults hold here; [`SeaOrmDatabase::migrate`](crate::SeaOrmDatabase::migrate)
/// has its own.
///
/// A pooler in transaction mode is refused, and so is a Galera cluster without `wsrep_sync_wait = 7`: see
/// [how to run on several nodes](crate::how_to::several_nodes).
///
/// # Errors
/// An error of the database; a wait that was too long; such a pooler or cluster.
pub async fn migrate(database: &DatabaseConnection, schema: &Schema) -> Result<(), DbErr> {
    migrate_within(database, schema, TimeLimits::default()).await
}

pub(crate) async fn migrate_within(
    database: &DatabaseConnection,
    schema: &Schema,
    limits: TimeLimits,
) -> Result<(), DbErr> {
    let migrator = IampassMigrator::new(schema);
    under_lock!(database, limits, executor => {
        within(limits.migration(), migrator.up(executor, None)).await.ok_or_else(no_answer)?
    })
}

/// Takes the tables of `schema` away again, and all that is in them, if [`migrate`] made them. Under the same lock.
///
/// MySQL has no transaction around tables, so there a call that is dropped may have taken away some of them; the next one goes on.
///
/// # Errors
/// As for [`migrate`].
pub async fn revert(database: &DatabaseConnection, schema: &Schema) -> Result<(), DbErr> {
    revert_within(database, schema, TimeLimits::default()).await
}

pub(crate) async fn revert_within(
    database: &DatabaseConnection,
    schema: &Schema,
    limits: TimeLimits,
) -> Result<(), DbErr> {
    let migrator = IampassMigrator::new(schema);
    under_lock!(database, limits, executor => {
        within(limits.migration(), migrator.down(executor, None)).await.ok_or_else(no_answer)?
    })
}

/// Runs the pending migrations of the application's own migrator under the lock of [`migrate`].
///
/// A migrator of sea-orm has none of its own: two nodes that run one at once both do the same, and one of them fails. Our part of it
/// ([`IampassMigration`]) bears that; other migrations may not.
///
/// In SQLite and PostgreSQL all migrations are one transaction here. One that PostgreSQL does not run in a transaction, such as `CREATE INDEX
/// CONCURRENTLY`, has to be run by the migrator itself. The migrations themselves have no time limit: only the application knows how long its
/// own take.
///
/// # Errors
/// As for [`migrate`].
pub async fn up_under_lock<M: MigratorTrait>(database: &DatabaseConnection) -> Result<(), DbErr> {
    under_lock!(database, TimeLimits::default(), executor => M::up(executor, None).await)
}

fn has_met_another(error: &DbErr) -> bool {
    matches!(fault_of(error), Fault::Contended | Fault::UniqueViolation)
}
