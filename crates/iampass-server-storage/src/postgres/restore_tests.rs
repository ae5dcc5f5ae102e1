//! Restoring what is older, newer, or not ours, and what a restored database is made of.

use iampass_core::{ApplicationId, Secret};
use iampass_test_databases::Database as TestDatabase;

use super::{DatabaseUrl, dump, schema};
use crate::{Database, Sharing, StorageError, restore_postgres as restore};
use crate::{MasterKey, MasterKeySource, MasterKeys, StorageConfig, StorageLocation};

fn database() -> Option<TestDatabase> {
    iampass_test_databases::postgres().map(|server| server.database())
}

fn url(database: &TestDatabase) -> DatabaseUrl {
    database.url().parse().unwrap()
}

fn keys(byte: u8) -> MasterKeySource {
    MasterKeySource::Keys(MasterKeys::new(MasterKey::from_bytes([byte; 32])))
}

/// Opened, and so brought up to date.
async fn open(database: &TestDatabase) -> Database {
    let mut config = StorageConfig::new(StorageLocation::Postgres(url(database)));
    config.master_key = keys(3);
    Database::open(&config, Sharing::Alone).await.unwrap()
}

async fn add(database: &Database, id: &str) {
    let id = ApplicationId::new(id).unwrap();
    assert!(
        database
            .add_application(
                &id,
                &Secret::new("s"),
                "Shop",
                iampass_server_domain::rules::Approval::Tap,
                None
            )
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn all_that_is_made_is_known_when_it_has_to_go() {
    let Some(database) = database() else { return };
    drop(open(&database).await);
    database.sql(&schema::forget_all()).unwrap();
    let left = "SELECT (SELECT count(*) FROM pg_class c WHERE relnamespace = 'public'::regnamespace)
                     + (SELECT count(*) FROM pg_proc p WHERE pronamespace = 'public'::regnamespace)";
    assert_eq!(database.sql(left).unwrap().trim(), "0");
    // And once more, where there is nothing.
    database.sql(&schema::forget_all()).unwrap();
}

#[tokio::test]
async fn a_backup_of_an_older_version_takes_the_place_of_newer_data() {
    let (Some(older), Some(newer)) = (database(), database()) else { return };
    let opened = open(&older).await;
    add(&opened, "OLD").await;
    drop(opened);
    // As the second version had it: no table refers to users that it did not have.
    older
        .sql(
            "DROP TABLE events, event_endpoints, alerts, waiting_phones, recovery_codes, phone_events, pushes, push_subscriptions, unlock_credentials, unlock_registrations, deliveries, denials, console_shared, wrong_codes; DROP INDEX links_by_expiry, sessions_nameless;
             ALTER TABLE sessions DROP COLUMN code_tag, DROP COLUMN scan_tag, DROP COLUMN on_phone, DROP COLUMN wrong_codes,
                 DROP COLUMN proven, DROP COLUMN browser, DROP COLUMN address, DROP COLUMN nameless, DROP COLUMN return_to, DROP COLUMN return_tag,
                 DROP COLUMN unlock_challenge, DROP COLUMN near_until, DROP COLUMN word_at, DROP COLUMN ended_by;
             DROP INDEX sessions_asked;
             ALTER TABLE devices DROP COLUMN public_key, DROP COLUMN name, DROP COLUMN last_used_at, DROP COLUMN recovered_at,
                                 DROP COLUMN on_trial_since;
             DROP INDEX devices_of_user; ALTER TABLE links DROP COLUMN adds, DROP COLUMN lost_asked_at, DROP COLUMN admin_key; DROP TABLE admin_keys; ALTER TABLE applications DROP COLUMN approval, DROP COLUMN walkaway, DROP COLUMN phones;
             ALTER TABLE sessions DROP COLUMN known_browser; ALTER TABLE links DROP COLUMN maker_key;
             ALTER TABLE console_links DROP COLUMN maker_key;
             ALTER TABLE applications DROP COLUMN messages, DROP COLUMN made_by; ALTER TABLE users DROP COLUMN phone_ended_at, DROP COLUMN unlocking_ended_at; UPDATE schema_version SET version = 2",
        )
        .unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("backup");
    dump(&url(&older), &file).unwrap();
    let opened = open(&newer).await;
    add(&opened, "NEW").await;
    drop(opened);
    restore(&url(&newer), &keys(3), &file, false).unwrap();
    let opened = open(&newer).await;
    assert!(opened.application("OLD").await.unwrap().is_some());
    assert!(opened.application("NEW").await.unwrap().is_none());
    assert_eq!(newer.sql("SELECT count(*) FROM deliveries").unwrap().trim(), "0");
}

#[tokio::test]
async fn what_could_not_be_used_is_not_put_in_place() {
    let (Some(backed_up), Some(here)) = (database(), database()) else { return };
    drop(open(&backed_up).await);
    let opened = open(&here).await;
    add(&opened, "HERE").await;
    let directory = tempfile::tempdir().unwrap();
    let [sealed, newer, other] = ["sealed", "newer", "other"].map(|name| directory.path().join(name));
    dump(&url(&backed_up), &sealed).unwrap();
    backed_up.sql("UPDATE schema_version SET version = 99").unwrap();
    dump(&url(&backed_up), &newer).unwrap();
    backed_up.sql("DROP TABLE settings").unwrap();
    dump(&url(&backed_up), &other).unwrap();
    for (byte, file) in [(4, &sealed), (3, &newer), (3, &other)] {
        let refused = restore(&url(&here), &keys(byte), file, false).unwrap_err();
        match byte {
            4 => assert!(matches!(refused, StorageError::WrongMasterKey), "{refused}"),
            _ if *file == newer => assert!(matches!(refused, StorageError::NewerSchema { .. }), "{refused}"),
            _ => assert!(refused.to_string().contains("something else"), "{refused}"),
        }
        assert!(opened.application("HERE").await.unwrap().is_some());
    }
    restore(&url(&here), &keys(3), &sealed, false).unwrap();
    assert!(opened.application("HERE").await.unwrap().is_none());
}
