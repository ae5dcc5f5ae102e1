//! A migrator of our own, with its own book. Belongs here: which migrations, and which lines of the book are theirs.

use async_trait::async_trait;
use iampass_sql::Schema;
use sea_orm::sea_query::{Alias, Query};
use sea_orm::{ConnectionTrait, DbErr, DynIden, FromQueryResult as _};
use sea_orm_migration::sea_query::IntoIden as _;
use sea_orm_migration::{MigrationTrait, MigratorTraitSelf, seaql_migrations};

use super::IampassMigration;

/// Not `seaql_migrations`: the application's own migrator refuses to run if there is anything in it that it does not know.
const BOOK: &str = "iampass_migrations";

pub(super) struct IampassMigrator {
    schema: Schema,
}

impl IampassMigrator {
    pub(super) fn new(schema: &Schema) -> Self {
        Self { schema: schema.clone() }
    }
}

#[async_trait]
impl MigratorTraitSelf for IampassMigrator {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        IampassMigration::all(&self.schema)
    }

    fn migration_table_name(&self) -> DynIden {
        Alias::new(BOOK).into_iden()
    }

    /// Those of this schema. There may be another one in the same database.
    async fn get_migration_models<C>(&self, db: &C) -> Result<Vec<seaql_migrations::Model>, DbErr>
    where
        C: ConnectionTrait,
    {
        self.install(db).await?;
        let mut lines = Query::select();
        lines.columns([Alias::new("version"), Alias::new("applied_at")]).from(self.migration_table_name());
        let lines = db.query_all(&lines).await?;
        let ours = self.migrations();
        let mut applied = Vec::new();
        for line in &lines {
            let line = seaql_migrations::Model::from_query_result(line, "")?;
            if ours.iter().any(|migration| migration.name() == line.version) {
                applied.push(line);
            }
        }
        Ok(applied)
    }
}
