//! Our migrations for diesel's own harness.

use std::fmt;

use diesel::connection::BoxableConnection;
use diesel::migration::{
    Migration, MigrationMetadata, MigrationName, MigrationSource, MigrationVersion, Result,
};
use iampass_sql::{Dialect, Schema, Version};

use super::{known, noted_as, script};

/// The migrations of a schema, for applications that run migrations by diesel's own
/// [`MigrationHarness`](diesel_migrations::MigrationHarness): `harness.run_pending_migrations(Migrations::new(schema))`.
///
/// Diesel takes no lock, so one node has to do it; [`crate::DieselDatabase::migrate`] may be called by all.
#[derive(Debug, Clone, Default)]
pub struct Migrations {
    schema: Schema,
}

impl Migrations {
    /// The migrations that make the tables of this schema, one for each version of them.
    #[must_use]
    pub fn new(schema: Schema) -> Self {
        Self { schema }
    }

    fn migration(&self, version: Version, dialect: Dialect) -> TablesMigration {
        TablesMigration {
            up: script(&self.schema.up_to(version, dialect)),
            down: script(&self.schema.down_from(version, dialect)),
            name: Name { version: noted_as(version, &self.schema), name: known(version).name },
        }
    }
}

struct TablesMigration {
    up: String,
    down: String,
    name: Name,
}

struct Name {
    version: String,
    name: &'static str,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.version, self.name)
    }
}

impl MigrationName for Name {
    fn version(&self) -> MigrationVersion<'_> {
        MigrationVersion::from(&self.version)
    }
}

struct InTransaction;

impl MigrationMetadata for InTransaction {}

macro_rules! migrations_for {
    ($feature:literal, $backend:ty, $dialect:expr) => {
        #[cfg(feature = $feature)]
        impl MigrationSource<$backend> for Migrations {
            fn migrations(&self) -> Result<Vec<Box<dyn Migration<$backend>>>> {
                let migration =
                    |version| Box::new(self.migration(version, $dialect)) as Box<dyn Migration<_>>;
                Ok(Version::ALL.into_iter().map(migration).collect())
            }
        }

        #[cfg(feature = $feature)]
        impl Migration<$backend> for TablesMigration {
            fn run(&self, connection: &mut dyn BoxableConnection<$backend>) -> Result<()> {
                Ok(connection.batch_execute(&self.up)?)
            }

            fn revert(&self, connection: &mut dyn BoxableConnection<$backend>) -> Result<()> {
                Ok(connection.batch_execute(&self.down)?)
            }

            fn metadata(&self) -> &dyn MigrationMetadata {
                &InTransaction
            }

            fn name(&self) -> &dyn MigrationName {
                &self.name
            }
        }
    };
}

migrations_for!("sqlite", diesel::sqlite::Sqlite, Dialect::Sqlite);
migrations_for!("postgres", diesel::pg::Pg, Dialect::Postgres);
migrations_for!("mysql", diesel::mysql::Mysql, Dialect::MySql);
