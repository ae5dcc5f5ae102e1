//! Migrations: twice, from many at once, back again, and beside the application's own.

use std::sync::Arc;

use iampass_core::UserToken;
use iampass_core::port::{StoreError, StoreErrorKind, TokenStore as _, UserKey};
use iampass_sea_orm::migration::up_under_lock;
use iampass_sea_orm::{IampassMigration, Schema};
use sea_orm::{
    ConnectionTrait as _, DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait as _,
};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait, SchemaManager};

use crate::application::{Application, Keys};
use crate::place::{ALL, Kind, Place};

const AT_ONCE: usize = 20;

/// Whether the stores' tables are there and can be used: a user gets a token.
async fn is_usable(place: &Place, schema: &Schema, user: &UserKey) -> bool {
    let store = place.node(0).token_store(schema);
    match store.assign(user, &UserToken::new("token").unwrap()).await {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.kind(), StoreErrorKind::NotMigrated, "{error:?}");
            false
        }
    }
}

async fn application(kind: Kind) -> Option<(Application, UserKey)> {
    let place = Arc::new(Place::open(kind).await?);
    let application = Application::without_tables(&place, Keys::I64).await;
    let user = UserKey::from(1);
    application.add_user(&user).await;
    Some((application, user))
}

#[tokio::test(flavor = "multi_thread")]
async fn up_twice_down_twice_and_up_again() {
    for kind in ALL {
        let Some((application, user)) = application(kind).await else { continue };
        let (place, schema) = (&application.place, &application.schema);
        assert!(!is_usable(place, schema, &user).await, "{kind:?}");
        for node in 0..2 {
            place.node(node).migrate(schema).await.unwrap();
            assert!(is_usable(place, schema, &user).await, "{kind:?}");
        }
        // The second time changed nothing.
        let stored = format!("SELECT COUNT(*) FROM {}", schema.tokens_table());
        assert_eq!(place.number(&stored).await, 1, "{kind:?}");
        for node in 0..2 {
            place.node(node).revert(schema).await.unwrap();
            assert!(!is_usable(place, schema, &user).await, "{kind:?}");
        }
        place.node(0).migrate(schema).await.unwrap();
        assert!(is_usable(place, schema, &user).await, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_at_once_from_two_nodes() {
    for kind in ALL {
        let Some((application, user)) = application(kind).await else { continue };
        for _ in 0..3 {
            at_once(&application, |node, schema| async move { node.migrate(&schema).await }).await;
            assert!(is_usable(&application.place, &application.schema, &user).await, "{kind:?}");
            at_once(&application, |node, schema| async move { node.revert(&schema).await }).await;
            assert!(!is_usable(&application.place, &application.schema, &user).await, "{kind:?}");
        }
    }
}

async fn at_once<F>(application: &Application, run: impl Fn(iampass_sea_orm::SeaOrmDatabase, Schema) -> F)
where
    F: Future<Output = Result<(), StoreError>> + Send + 'static,
{
    let tasks: Vec<_> = (0..AT_ONCE)
        .map(|number| tokio::spawn(run(application.place.node(number).clone(), application.schema.clone())))
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_schemas_in_one_database_do_not_disturb_each_other() {
    for kind in ALL {
        let Some((one, user)) = application(kind).await else { continue };
        let other = Application::new(&one.place, Keys::Text).await;
        one.place.node(0).migrate(&one.schema).await.unwrap();
        one.place.node(0).revert(&other.schema).await.unwrap();
        assert!(is_usable(&one.place, &one.schema, &user).await, "{kind:?}");
        assert!(!is_usable(&one.place, &other.schema, &user).await, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_fails_leaves_no_lock_and_can_be_made_good() {
    for kind in [Kind::Postgres, Kind::Mariadb] {
        let Some(place) = Place::open(kind).await else { continue };
        let schema = Schema::default();
        // SQLite makes a table without the one that it refers to.
        place.node(0).migrate(&schema).await.expect_err("there is no users table");
        place.sql("CREATE TABLE users (id BIGINT NOT NULL PRIMARY KEY)").await;
        place.node(1).migrate(&schema).await.unwrap();
        place.sql("INSERT INTO users (id) VALUES (1)").await;
        assert!(is_usable(&place, &schema, &UserKey::from(1)).await, "{kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_waits_for_too_long_is_told_so() {
    let impatient = |options: &mut sea_orm::ConnectOptions| {
        options.map_sqlx_sqlite_opts(|sqlite| sqlite.busy_timeout(std::time::Duration::from_millis(200)));
    };
    let place = Arc::new(Place::open_with(Kind::Sqlite, impatient).await.unwrap());
    let application = Application::without_tables(&place, Keys::I64).await;
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let held = place.node(1).connection().begin_with_options(options).await.unwrap();
    let error = place.node(0).migrate(&application.schema).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Busy, "{error:?}");
    held.rollback().await.unwrap();
    place.node(0).migrate(&application.schema).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_of_one_connection_is_enough() {
    for kind in ALL {
        let one = |options: &mut sea_orm::ConnectOptions| {
            options.max_connections(1).acquire_timeout(std::time::Duration::from_secs(5));
        };
        let Some(place) = Place::open_with(kind, one).await else { continue };
        Application::new(&Arc::new(place), Keys::I64).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_given_up_leaves_no_lock() {
    for kind in ALL {
        let Some((application, user)) = application(kind).await else { continue };
        let (place, schema) = (&application.place, &application.schema);
        for round in 0..40 {
            let patience = std::time::Duration::from_micros(round * 250);
            let _ = tokio::time::timeout(patience, place.node(0).migrate(schema)).await;
            let _ = tokio::time::timeout(patience, place.node(0).revert(schema)).await;
        }
        let soon = std::time::Duration::from_secs(20);
        if kind == Kind::Mariadb {
            // It has no transaction around tables: a revert that was given up may have taken away some of them while its book still names
            // them all. The next one goes on.
            tokio::time::timeout(soon, place.node(1).revert(schema)).await.unwrap().unwrap();
        }
        tokio::time::timeout(soon, place.node(1).migrate(schema)).await.unwrap().unwrap();
        assert!(is_usable(place, schema, &user).await, "{kind:?}");
    }
}

/// The application's own: it makes the users table, then ours.
struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut migrations: Vec<Box<dyn MigrationTrait>> = vec![Box::new(Users)];
        migrations.extend(IampassMigration::all(&Schema::default()));
        migrations
    }
}

struct Users;

impl MigrationName for Users {
    fn name(&self) -> &str {
        "m20250101_000001_users"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "written as in the trait")]
#[async_trait::async_trait]
impl MigrationTrait for Users {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let statement = "CREATE TABLE users (id BIGINT NOT NULL PRIMARY KEY)";
        manager.get_connection().execute_unprepared(statement).await.map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("DROP TABLE users").await.map(|_| ())
    }
}

/// The application's own, of whose migrations only ours is left to do.
struct OnlyOurs;

impl MigratorTrait for OnlyOurs {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        IampassMigration::all(&Schema::default())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn among_the_application_s_own_migrations() {
    for kind in ALL {
        let Some(place) = Place::open(kind).await else { continue };
        let (pool, schema, user) = (place.pool(), Schema::default(), UserKey::from(1));
        for _ in 0..2 {
            Migrator::up(pool, None).await.unwrap();
            place.sql("INSERT INTO users (id) VALUES (1)").await;
            assert!(is_usable(&place, &schema, &user).await, "{kind:?}");
            // Ours beside it finds the tables and keeps a book of its own, which the application's migrator does not see.
            place.node(1).migrate(&schema).await.unwrap();
            assert!(Migrator::get_pending_migrations(pool).await.unwrap().is_empty(), "{kind:?}");
            place.node(1).revert(&schema).await.unwrap();
            assert!(!is_usable(&place, &schema, &user).await, "{kind:?}");
            Migrator::down(pool, None).await.unwrap();
        }
    }
}

/// The application's own, without ours.
struct OnlyUsers;

impl MigratorTrait for OnlyUsers {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Users)]
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_s_own_migrator_that_knows_nothing_of_ours() {
    for kind in ALL {
        let Some(place) = Place::open(kind).await else { continue };
        for _ in 0..2 {
            OnlyUsers::up(place.pool(), None).await.unwrap();
            place.node(1).migrate(&Schema::default()).await.unwrap();
        }
        place.sql("INSERT INTO users (id) VALUES (1)").await;
        assert!(is_usable(&place, &Schema::default(), &UserKey::from(1)).await, "{kind:?}");
        place.node(1).revert(&Schema::default()).await.unwrap();
        OnlyUsers::down(place.pool(), None).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_application_s_own_migrator_under_our_lock_from_two_nodes_at_once() {
    for kind in ALL {
        let Some(place) = Place::open(kind).await else { continue };
        let place = Arc::new(place);
        let tasks: Vec<_> = (0..AT_ONCE)
            .map(|number| {
                let place = place.clone();
                tokio::spawn(async move { up_under_lock::<Migrator>(place.node(number).connection()).await })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        place.sql("INSERT INTO users (id) VALUES (1)").await;
        assert!(is_usable(&place, &Schema::default(), &UserKey::from(1)).await, "{kind:?}");
    }
}

/// sea-orm's migrators have no lock, so all but one may fail; they do so when they enter in their book what another one has entered, and
/// not in our part.
#[tokio::test(flavor = "multi_thread")]
async fn the_application_s_own_migrator_without_a_lock_fails_at_most_at_its_own_book() {
    for kind in ALL {
        let Some(place) = Place::open(kind).await else { continue };
        let place = Arc::new(place);
        place.sql("CREATE TABLE users (id BIGINT NOT NULL PRIMARY KEY)").await;
        place.sql("INSERT INTO users (id) VALUES (1)").await;
        // The book itself is made without a lock too.
        OnlyOurs::install(place.pool()).await.unwrap();
        let tasks: Vec<_> = (0..AT_ONCE)
            .map(|number| {
                let place = place.clone();
                tokio::spawn(async move { OnlyOurs::up(place.node(number).connection(), None).await })
            })
            .collect();
        let mut done = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(()) => done += 1,
                Err(error) => {
                    let said = error.to_string();
                    let is_the_book = said.contains("seaql_migrations")
                        || said.contains("Duplicate entry 'm20261124_000001_iampass'")
                        || said.contains("Duplicate entry 'm20261128_000001_iampass_shared'");
                    assert!(is_the_book, "{kind:?}: {said}");
                }
            }
        }
        assert!(done >= 1, "{kind:?}");
        assert!(is_usable(&place, &Schema::default(), &UserKey::from(1)).await, "{kind:?}");
    }
}
