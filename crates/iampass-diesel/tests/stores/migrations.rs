//! The tables come and go: twice, from many nodes at once, and as diesel's own tools see it.

use diesel::migration::MigrationSource;
use diesel_async::AsyncMigrationHarness;
use diesel_migrations::MigrationHarness;
use iampass_core::port::{StoreErrorKind, UserKey};
use iampass_diesel::{DieselConnection, Migrated, Migrations, Schema, migration};

use crate::nodes::{Nodes, mysql, mysql_pool, postgres, postgres_pool, sqlite, sqlite_pool};
use crate::on_each_database;
use crate::tables::{Keys, Tables};

async fn up_and_down_twice_and_up_again<C: DieselConnection>(nodes: Nodes<C>) {
    let tables = Tables::users_only(&nodes, Keys::I64).await;
    let (database, store) = (&nodes.databases[0], tables.tokens(0));
    let nobody = UserKey::from(1);
    let missing = || async { store.token_for(&nobody).await.map_err(|error| error.kind()) };

    assert_eq!(missing().await, Err(StoreErrorKind::NotMigrated));
    assert_eq!(database.migrate(&tables.schema).await.unwrap(), Migrated::Now);
    assert_eq!(database.migrate(&tables.schema).await.unwrap(), Migrated::Before);
    assert_eq!(missing().await, Ok(None));
    assert_eq!(database.revert(&tables.schema).await.unwrap(), Migrated::Now);
    assert_eq!(database.revert(&tables.schema).await.unwrap(), Migrated::Before);
    assert_eq!(
        missing().await,
        Err(StoreErrorKind::NotMigrated),
        "a statement that has been prepared before"
    );
    assert_eq!(database.migrate(&tables.schema).await.unwrap(), Migrated::Now);
    assert_eq!(missing().await, Ok(None));
}

async fn twenty_nodes_migrate_at_once<C: DieselConnection>(nodes: Nodes<C>) {
    let tables = Tables::users_only(&nodes, Keys::I64).await;
    for direction in ["up", "down", "up"] {
        let tasks = (0..20).map(|number| {
            let (database, schema) = (nodes.databases[number % 2].clone(), tables.schema.clone());
            tokio::spawn(async move {
                match direction {
                    "up" => database.migrate(&schema).await,
                    _ => database.revert(&schema).await,
                }
            })
        });
        let mut done = 0;
        for task in tasks.collect::<Vec<_>>() {
            done += usize::from(task.await.unwrap().unwrap() == Migrated::Now);
        }
        assert_eq!(done, 1, "{direction}");
    }
    assert!(tables.tokens(1).token_for(&UserKey::from(1)).await.unwrap().is_none());
}

/// Without the users table there can be no foreign key; and whoever failed keeps nobody else from migrating.
async fn a_migration_that_failed_can_be_done_later<C: DieselConnection>(nodes: Nodes<C>) {
    let schema = Schema::default();
    for database in &nodes.databases {
        for _ in 0..3 {
            database.migrate(&schema).await.unwrap_err();
        }
    }
    nodes.sql("CREATE TABLE users (id BIGINT PRIMARY KEY)").await;
    assert_eq!(nodes.databases[1].migrate(&schema).await.unwrap(), Migrated::Now);
    let store = nodes.databases[0].token_store(&schema);
    let found = iampass_core::port::TokenStore::token_for(&store, &UserKey::from(1)).await;
    assert!(found.unwrap().is_none());
}

on_each_database!(up_and_down_twice_and_up_again);
on_each_database!(twenty_nodes_migrate_at_once);
on_each_database!(a_migration_that_failed_can_be_done_later);

/// Diesel's harness and `migrate` take each other's word for it, for the default tables and for others.
macro_rules! diesels_own_harness_agrees {
    ($name:ident, $nodes:ident, $pool:ident, $embedded:expr) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let Some(nodes) = $nodes() else { return };
            nodes.sql("CREATE TABLE users (id BIGINT PRIMARY KEY)").await;
            let database = &nodes.databases[0];
            let pool = $pool(&nodes.url, 1);
            let mut harness = AsyncMigrationHarness::new(pool.get().await.unwrap());

            let schema = Schema::default();
            assert!(harness.has_pending_migration($embedded).unwrap());
            assert_eq!(database.migrate(&schema).await.unwrap(), Migrated::Now);
            assert!(!harness.has_pending_migration($embedded).unwrap());
            assert!(!harness.has_pending_migration(Migrations::new(schema.clone())).unwrap());
            harness.revert_all_migrations($embedded).unwrap();
            assert_eq!(database.revert(&schema).await.unwrap(), Migrated::Before);
            assert_eq!(harness.run_pending_migrations($embedded).unwrap().len(), 2);
            assert_eq!(database.migrate(&schema).await.unwrap(), Migrated::Before);

            let tables = Tables::users_only(&nodes, Keys::Text).await;
            let source = || Migrations::new(tables.schema.clone());
            assert_eq!(harness.run_pending_migrations(source()).unwrap().len(), 2);
            assert_eq!(database.migrate(&tables.schema).await.unwrap(), Migrated::Before);
            assert!(tables.tokens(0).token_for(&UserKey::from("a")).await.unwrap().is_none());
            harness.revert_last_migration(source()).unwrap();
            assert!(tables.tokens(0).token_for(&UserKey::from("a")).await.unwrap().is_none(), "they stay");
            assert_eq!(database.migrate(&tables.schema).await.unwrap(), Migrated::Now, "one of two");
            assert!(!harness.has_pending_migration(source()).unwrap());
            assert_eq!(database.revert(&tables.schema).await.unwrap(), Migrated::Now);
            assert!(harness.has_pending_migration(source()).unwrap());
            assert_eq!(database.migrate(&schema).await.unwrap(), Migrated::Before, "of the default tables");
        }
    };
}

diesels_own_harness_agrees!(harness_on_sqlite, sqlite, sqlite_pool, migration::SQLITE);
diesels_own_harness_agrees!(harness_on_postgres, postgres, postgres_pool, migration::POSTGRES);
diesels_own_harness_agrees!(harness_on_mysql, mysql, mysql_pool, migration::MYSQL);

#[test]
fn a_migration_shows_what_it_is() {
    let names = |schema| -> Vec<_> {
        let source = Migrations::new(schema);
        let migrations = MigrationSource::<diesel::sqlite::Sqlite>::migrations(&source).unwrap();
        migrations.iter().map(|migration| migration.name().to_string()).collect()
    };
    assert_eq!(names(Schema::default()), ["20261124000000_iampass", "20261128000000_iampass_shared"]);
    let other = names(Schema::default().with_names("a", "b").unwrap());
    assert!(other[0].starts_with("20261124000000-") && other[0].ends_with("_iampass"), "{other:?}");
    assert!(other[1].starts_with("20261128000000-") && other[1].ends_with("_iampass_shared"), "{other:?}");
}
