//! [`IampassMigration`]: the tables as migrations, one for each version of them. Belongs here: names, statements, and that two may run at
//! once.

use async_trait::async_trait;
use iampass_sql::{Dialect, Schema, Version};
use sea_orm::{ConnectionTrait as _, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

/// The name of a version's migration where the tables have theirs, and the tables that it makes. It never changes.
fn known(version: Version) -> (&'static str, fn(&Schema) -> Vec<String>) {
    match version {
        Version::Tables => {
            ("m20261124_000001_iampass", |schema| vec![schema.tokens_table(), schema.sessions_table()])
        }
        // The last one that `iampass-sql` has; a later one gets a line of its own.
        _ => ("m20261128_000001_iampass_shared", |schema| vec![schema.shared_table()]),
    }
}

/// For PostgreSQL: `CREATE TABLE IF NOT EXISTS` fails there when another node is just making that table. Not the lock of [`super::Lock`],
/// which another connection of this very process may hold.
const ONE_AT_A_TIME: &str = "SELECT pg_advisory_xact_lock(7599113487327261042)";

/// A migration of the stores' tables, for an application's own migrator. See [the module](super).
///
/// There is one for each [`Version`] of the tables: `m20261124_000001_iampass` and `m20261128_000001_iampass_shared`. Those of a schema
/// with names of its own are followed by the names.
#[derive(Debug, Clone)]
pub struct IampassMigration {
    schema: Schema,
    version: Version,
    name: String,
}

impl IampassMigration {
    /// All migrations of the tables of this schema, in their order. Its users table has to be made by an earlier migration.
    ///
    /// A later release may have more of them. A database in which some are done gets the others, wherever these stand among the
    /// application's own.
    #[must_use]
    pub fn all(schema: &Schema) -> Vec<Box<dyn MigrationTrait>> {
        let migration = |version| Box::new(Self::to(version, schema.clone())) as Box<dyn MigrationTrait>;
        Version::ALL.into_iter().map(migration).collect()
    }

    /// The migration that brings the tables of this schema from the version before to this one.
    #[must_use]
    pub fn to(version: Version, schema: Schema) -> Self {
        let (name, tables) = known(version);
        let tables_of_own = tables(&schema);
        let name = if tables_of_own == tables(&Schema::default()) {
            name.to_owned()
        } else {
            format!("{name} {}", tables_of_own.join(" "))
        };
        Self { schema, version, name }
    }

    async fn run(
        &self,
        manager: &SchemaManager<'_>,
        statements: impl FnOnce(&Schema, Version, Dialect) -> Vec<String>,
    ) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let dialect = match connection.get_database_backend() {
            DbBackend::Postgres => Dialect::Postgres,
            DbBackend::MySql => Dialect::MySql,
            _ => Dialect::Sqlite,
        };
        if dialect == Dialect::Postgres {
            connection.execute_unprepared(ONE_AT_A_TIME).await?;
        }
        for statement in statements(&self.schema, self.version, dialect) {
            connection.execute_unprepared(&statement).await?;
        }
        Ok(())
    }
}

impl MigrationName for IampassMigration {
    fn name(&self) -> &str {
        &self.name
    }
}

#[expect(
    elided_lifetimes_in_paths,
    reason = "written as in the trait, or async_trait makes another signature of it"
)]
#[async_trait]
impl MigrationTrait for IampassMigration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        self.run(manager, Schema::up_to).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        self.run(manager, Schema::down_from).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_fixed_and_two_schemas_have_two() {
        let names = |schema: Schema| -> Vec<_> {
            IampassMigration::all(&schema).iter().map(|migration| migration.name().to_owned()).collect()
        };
        let default = ["m20261124_000001_iampass", "m20261128_000001_iampass_shared"];
        assert_eq!(names(Schema::default()), default);
        let other = Schema::default().with_names("app.tokens", "app.sessions").unwrap();
        assert_eq!(
            names(other),
            [
                "m20261124_000001_iampass app.tokens app.sessions",
                "m20261128_000001_iampass_shared app.sessions_shared"
            ]
        );
        let renamed = Schema::default().with_shared_name("shared").unwrap();
        assert_eq!(names(renamed), [default[0], "m20261128_000001_iampass_shared shared"]);
        let longest = "x".repeat(47);
        let longest = format!("{longest}.{longest}");
        for name in names(Schema::default().with_names(&longest, &longest).unwrap()) {
            assert!(name.len() <= 255, "the book's column in MySQL holds no more");
        }
    }
}
