//! Databases that an earlier release made, with rows in them.

use std::time::Duration;

use iampass_core::port::{
    ClaimOutcome, SessionStore as _, SharedEntry, SharedKey, SharedState as _, SharedVersion, StoreErrorKind,
    TokenStore as _, UserKey,
};
use iampass_core::{UnixMillis, UnixSeconds, UserToken};
use iampass_sea_orm::{Dialect, IampassMigration, Schema, SeaOrmSessionStore, Version};
use sea_orm::ConnectionTrait as _;
use sea_orm_migration::{MigrationTrait, MigratorTrait};

use crate::place::{ALL, Kind, Place};
use crate::sessions::{record, ring, server, session_token};

/// The application's own migrator, as it was with the first release.
struct Before;

impl MigratorTrait for Before {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(IampassMigration::to(Version::Tables, Schema::default()))]
    }
}

/// As it is now.
struct Now;

impl MigratorTrait for Now {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        IampassMigration::all(&Schema::default())
    }
}

/// A users table with one user in it, in an empty database.
async fn with_users(kind: Kind) -> Option<Place> {
    let place = Place::open(kind).await?;
    place.sql("CREATE TABLE users (id BIGINT NOT NULL PRIMARY KEY)").await;
    place.sql("INSERT INTO users (id) VALUES (1)").await;
    Some(place)
}

fn sessions(place: &Place, node: usize) -> SeaOrmSessionStore {
    place.node(node).session_store(&Schema::default(), ring(), server())
}

/// Rows such as the first release wrote.
async fn fill(place: &Place) {
    let tokens = place.node(0).token_store(&Schema::default());
    tokens.assign(&UserKey::from(1), &UserToken::new("t").unwrap()).await.unwrap();
    let store = sessions(place, 0);
    for (name, due) in [("used", None), ("started", Some(500)), ("due", Some(10))] {
        let mut record = record(name);
        record.logout_due = due.map(UnixSeconds);
        store.create(&record).await.unwrap();
    }
    assert_eq!(store.claim_logouts(UnixSeconds(10), Duration::from_secs(30), 9).await.unwrap().jobs.len(), 1);
}

async fn ensure_filled(place: &Place, kind: Kind) {
    let tokens = place.node(1).token_store(&Schema::default());
    assert!(tokens.token_for(&UserKey::from(1)).await.unwrap().is_some(), "{kind:?}");
    let store = sessions(place, 1);
    assert_eq!(
        store.claim_session(&session_token("used")).await.unwrap(),
        ClaimOutcome::AlreadyClaimed,
        "{kind:?}"
    );
    assert!(store.claim_session(&session_token("started")).await.unwrap().is_in_use(), "{kind:?}");
    assert_eq!(store.claim_session(&session_token("due")).await.unwrap(), ClaimOutcome::Rejected, "{kind:?}");
}

async fn ensure_shared_entries_work(place: &Place, kind: Kind) {
    let (one, other) = (sessions(place, 0), sessions(place, 1));
    let (key, version) = (SharedKey::new("test", b"a"), SharedVersion::from_number(1));
    let entry = SharedEntry::new(version, b"value".to_vec(), UnixMillis(1_000));
    assert!(one.swap_shared(&key, None, &entry).await.unwrap(), "{kind:?}");
    assert_eq!(other.load_shared(&key).await.unwrap(), Some(entry), "{kind:?}");
    assert!(other.delete_shared(&key, version).await.unwrap(), "{kind:?}");
}

async fn ensure_not_migrated(place: &Place, kind: Kind) {
    let store = sessions(place, 0);
    let (key, version) = (SharedKey::new("test", b"a"), SharedVersion::from_number(1));
    let entry = SharedEntry::new(version, b"value".to_vec(), UnixMillis(1_000));
    for failed in [
        store.load_shared(&key).await.unwrap_err(),
        store.swap_shared(&key, None, &entry).await.unwrap_err(),
        store.swap_shared(&key, Some(version), &entry).await.unwrap_err(),
        store.delete_shared(&key, version).await.unwrap_err(),
        store.purge_shared(UnixMillis(1_000), 1).await.unwrap_err(),
    ] {
        assert_eq!(failed.kind(), StoreErrorKind::NotMigrated, "{kind:?}: {failed:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn migrate_adds_what_the_first_release_had_not() {
    for kind in ALL {
        let Some(place) = with_users(kind).await else { continue };
        let dialect = match kind {
            Kind::Sqlite => Dialect::Sqlite,
            Kind::Postgres => Dialect::Postgres,
            Kind::Mariadb => Dialect::MySql,
        };
        for statement in Schema::default().up_to(Version::Tables, dialect) {
            place.pool().execute_unprepared(&statement).await.unwrap();
        }
        // Its book, with its one line.
        place
            .sql("CREATE TABLE iampass_migrations (version VARCHAR(255) NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)")
            .await;
        place
            .sql(
                "INSERT INTO iampass_migrations (version, applied_at) VALUES ('m20261124_000001_iampass', 1)",
            )
            .await;
        fill(&place).await;
        ensure_not_migrated(&place, kind).await;
        for node in [0, 1] {
            place.node(node).migrate(&Schema::default()).await.unwrap();
            assert_eq!(place.number("SELECT COUNT(*) FROM iampass_migrations").await, 2, "{kind:?}");
            ensure_shared_entries_work(&place, kind).await;
            ensure_filled(&place, kind).await;
        }
        place.node(0).revert(&Schema::default()).await.unwrap();
        assert_eq!(place.number("SELECT COUNT(*) FROM iampass_migrations").await, 0, "{kind:?}");
        ensure_not_migrated(&place, kind).await;
        place.node(0).migrate(&Schema::default()).await.unwrap();
        ensure_shared_entries_work(&place, kind).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_s_own_migrator_adds_what_the_first_release_had_not() {
    for kind in ALL {
        let Some(place) = with_users(kind).await else { continue };
        Before::up(place.pool(), None).await.unwrap();
        fill(&place).await;
        ensure_not_migrated(&place, kind).await;
        for _ in 0..2 {
            assert_eq!(Now::get_pending_migrations(place.pool()).await.unwrap().len(), 1, "{kind:?}");
            Now::up(place.pool(), None).await.unwrap();
            ensure_shared_entries_work(&place, kind).await;
            ensure_filled(&place, kind).await;
            // One step back takes the new table alone.
            Now::down(place.pool(), Some(1)).await.unwrap();
            ensure_not_migrated(&place, kind).await;
            ensure_filled(&place, kind).await;
        }
    }
}
