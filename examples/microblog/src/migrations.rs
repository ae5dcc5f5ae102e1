//! The tables. Belongs here: each step from nothing to what they are today. A step that was released is never changed; another is added.

use iampass::sea_orm::{IampassMigration, Schema};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, pk_auto, string_len, string_len_uniq, timestamp_with_time_zone,
    timestamp_with_time_zone_null,
};

/// All migrations, in order.
#[derive(Debug)]
pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut migrations: Vec<Box<dyn MigrationTrait>> = vec![Box::new(Users)];
        // The login's tables refer to the users.
        migrations.extend(IampassMigration::all(&Schema::default()));
        migrations.extend([Box::new(Posts) as Box<dyn MigrationTrait>, Box::new(Follows)]);
        migrations
    }
}

/// A key that is counted up, and never given again: neither to a user nor to a post.
fn key() -> ColumnDef {
    let mut key = pk_auto("id");
    key.big_integer();
    key
}

/// A column that refers to a user, and goes with the user.
fn of_user(column: &'static str, table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from(table, column).to("users", "id").on_delete(ForeignKeyAction::Cascade).to_owned()
}

macro_rules! migration {
    ($(#[$doc:meta])* $migration:ident $name:literal drops $table:literal; $up:expr) => {
        $(#[$doc])*
        struct $migration;

        impl MigrationName for $migration {
            fn name(&self) -> &str {
                $name
            }
        }

        #[expect(
            elided_lifetimes_in_paths,
            reason = "written as in the trait, or async_trait makes another signature of it"
        )]
        #[async_trait::async_trait]
        impl MigrationTrait for $migration {
            async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
                let (table, indexes): (TableCreateStatement, Vec<IndexCreateStatement>) = $up;
                manager.create_table(table).await?;
                for index in indexes {
                    manager.create_index(index).await?;
                }
                Ok(())
            }

            async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
                manager.drop_table(Table::drop().table($table).to_owned()).await
            }
        }
    };
}

migration! {
    /// The users who signed up.
    Users "m20261125_000001_users" drops "users";
    (
        Table::create()
            .table("users")
            .col(key())
            .col(string_len_uniq("name", 32))
            .col(string_len("display_name", 50))
            .col(string_len("about", 160).default(""))
            .col(timestamp_with_time_zone("signed_up_at"))
            .col(timestamp_with_time_zone_null("arrived_at"))
            .to_owned(),
        vec![],
    )
}

migration! {
    /// The users' posts.
    Posts "m20261125_000002_posts" drops "posts";
    (
        Table::create()
            .table("posts")
            .col(key())
            .col(big_integer("user_id"))
            .col(string_len("text", 280))
            .col(timestamp_with_time_zone("written_at"))
            .foreign_key(&mut of_user("user_id", "posts"))
            .to_owned(),
        vec![Index::create().name("posts_of_user").table("posts").col("user_id").col("id").to_owned()],
    )
}

migration! {
    /// The follows between users.
    Follows "m20261125_000003_follows" drops "follows";
    (
        Table::create()
            .table("follows")
            .col(big_integer("follower_id"))
            .col(big_integer("followed_id"))
            .primary_key(Index::create().col("follower_id").col("followed_id"))
            .foreign_key(&mut of_user("follower_id", "follows"))
            .foreign_key(&mut of_user("followed_id", "follows"))
            .to_owned(),
        vec![
            Index::create()
                .name("follows_of_followed")
                .table("follows")
                .col("followed_id")
                .col("follower_id")
                .to_owned(),
        ],
    )
}
