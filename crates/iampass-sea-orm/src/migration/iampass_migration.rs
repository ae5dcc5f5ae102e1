//! [`IampassMigration`]: the tables as a migration. Belongs here: its name, its statements, and that two may run at once.

use async_trait::async_trait;
use iampass_sql::{Dialect, Schema};
use sea_orm::{ConnectionTrait as _, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

/// The migration's name where the tables have theirs.
const NAME: &str = "m20261124_000001_iampass";

/// For PostgreSQL: `CREATE TABLE IF NOT EXISTS` fails there when another node is just making that table. Not the lock of [`super::Lock`],
/// which another connection of this very process may hold.
const ONE_AT_A_TIME: &str = "SELECT pg_advisory_xact_lock(7599113487327261042)";

/// The migration that makes the tables of the stores, for an application's own migrator. See [the module](super).
///
/// Its name is `m20261124_000001_iampass`; that of a schema with names of its own is followed by those.
#[derive(Debug, Clone)]
pub struct IampassMigration {
    schema: Schema,
    name: String,
}

impl IampassMigration {
    /// The tables of this schema. Its users table has to be made by an earlier migration.
    #[must_use]
    pub fn new(schema: Schema) -> Self {
        let names = |schema: &Schema| [schema.tokens_table(), schema.sessions_table()];
        let name = match names(&schema) {
            names_of_own if names_of_own == names(&Schema::default()) => NAME.to_owned(),
            [tokens, sessions] => format!("{NAME} {tokens} {sessions}"),
        };
        Self { schema, name }
    }

    async fn run(
        &self,
        manager: &SchemaManager<'_>,
        statements: impl FnOnce(&Schema, Dialect) -> Vec<String>,
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
        for statement in statements(&self.schema, dialect) {
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
        self.run(manager, Schema::up).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        self.run(manager, Schema::down).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_fixed_and_two_schemas_have_two() {
        let name = |schema| IampassMigration::new(schema).name().to_owned();
        assert_eq!(name(Schema::default()), "m20261124_000001_iampass");
        let other = Schema::default().with_names("app.tokens", "app.sessions").unwrap();
        assert_eq!(name(other), "m20261124_000001_iampass app.tokens app.sessions");
        let longest = "x".repeat(47);
        let longest = format!("{longest}.{longest}");
        let longest = name(Schema::default().with_names(&longest, &longest).unwrap());
        assert!(longest.len() <= 255, "the book's column in MySQL holds no more");
    }
}
