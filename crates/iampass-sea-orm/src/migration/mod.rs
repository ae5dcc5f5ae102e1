//! The tables' migration, the way sea-orm does it. Belongs here: what an application calls. Does not belong here: the tables' SQL, which
//! is in `iampass-sql`.
//!
//! There are two ways, and one is enough:
//!
//! * [`migrate`] at the start of each node. It keeps its own book, in the table `iampass_migrations`, so an application's own
//!   migrator is not disturbed by it.
//! * [`IampassMigration::all`] among the migrations of the application's own migrator, run from wherever those are run.
//!
//! What one of them, `iampass-diesel` or plain SQL has made is left as it is by the others.
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

mod iampass_migration;
mod lock;
mod migrator;

pub use iampass_migration::IampassMigration;

use iampass_sql::Schema;
use sea_orm::{DatabaseConnection, DbErr};
use sea_orm_migration::{MigratorTrait, MigratorTraitSelf as _};

use lock::Lock;
use migrator::IampassMigrator;

/// Makes the tables of `schema`, unless that has been done. The users table has to be there.
///
/// To be called by each node at its start, at once if it so happens: one does it, and the others wait until it is done. They wait on a
/// lock of the database's own: an advisory lock in PostgreSQL, `GET_LOCK` in MySQL, each on one connection beside the pool's and for
/// up to a minute; in SQLite the whole is one write transaction, and others wait for as long as their busy timeout allows.
///
/// # Errors
/// What the database said; a wait that was too long.
pub async fn migrate(database: &DatabaseConnection, schema: &Schema) -> Result<(), DbErr> {
    let lock = Lock::take(database).await?;
    let done = IampassMigrator::new(schema).up(lock.executor(database), None).await;
    lock.release(done).await
}

/// Takes the tables of `schema` away again, and all that is in them, if [`migrate`] made them. Under the same lock.
///
/// To be awaited to its end: MySQL has no transaction around tables, so there a call that is dropped may take away one more of them after somebody
/// else has got the lock.
///
/// # Errors
/// What the database said; a wait that was too long.
pub async fn revert(database: &DatabaseConnection, schema: &Schema) -> Result<(), DbErr> {
    let lock = Lock::take(database).await?;
    let done = IampassMigrator::new(schema).down(lock.executor(database), None).await;
    lock.release(done).await
}

/// Runs the pending migrations of the application's own migrator under the lock of [`migrate`].
///
/// A migrator of sea-orm has none of its own: two nodes that run one at once both do the same, and one of them fails. Our part of it
/// ([`IampassMigration`]) bears that; other migrations may not.
///
/// In SQLite all migrations are one transaction here.
///
/// # Errors
/// What the database said; a wait that was too long.
pub async fn up_under_lock<M: MigratorTrait>(database: &DatabaseConnection) -> Result<(), DbErr> {
    let lock = Lock::take(database).await?;
    let done = M::up(lock.executor(database), None).await;
    lock.release(done).await
}
