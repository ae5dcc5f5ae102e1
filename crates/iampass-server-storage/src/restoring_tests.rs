//! The things that a restore must not bring back.

use super::test_store::{Store, open_postgres};
use super::*;

/// A user with a recovery code, and a phone that waits.
async fn with_recovery(store: &Store) {
    let shop = store.application("SHOP").await;
    store.add(shop, &["u"]).await;
    let user = store.user(shop, "u").await;
    let blob = if store.is_postgres { "'\\x00'" } else { "x'00'" };
    let code = format!("INSERT INTO recovery_codes (code_sha256, user_key, made_at) VALUES ({blob}, ?1, 1)");
    store.run(code, vec![user.0]).await;
    let phone = format!(
        "INSERT INTO waiting_phones (user_key, id, secret, platform, name, notification_token, public_key, code_tag, asked_at, expires_at)
         VALUES (?1, 'waits', {blob}, 'web', '', '*', {blob}, {blob}, 1, 9000000000)"
    );
    store.run(phone, vec![user.0]).await;
    assert_eq!((store.count("recovery_codes").await, store.count("waiting_phones").await), (1, 1));
}

/// An endpoint that is on, an event that waits for it, and an alert that lasts.
async fn with_endpoint(store: &Store) {
    let blob = if store.is_postgres { "'\\x00'" } else { "x'00'" };
    let endpoint = format!(
        "INSERT INTO event_endpoints (application_key, id, url, kinds, secret, made_at) SELECT key, 'e', 'https://old.example/', 1, {blob}, 1 FROM applications"
    );
    store.run(endpoint, vec![]).await;
    let event = "INSERT INTO events (id, application_key, kind, at, state, attempts, queued_at, next_at)
                 VALUES ('e', 1, 'user.added', 1, 'queued', 0, 1, 1)";
    store.run(event.to_owned(), vec![]).await;
    let alert = "INSERT INTO alerts (id, name, kind, raised_at, seen_at, waits, next_at) VALUES ('a', 'disk', 'disk', 1, 1, 1, 1)";
    store.run(alert.to_owned(), vec![]).await;
}

/// The key of an account that is added now.
async fn next_account(database: &Database, name: &str) -> i64 {
    let Registration::Done(account) = database.register_account(name.to_owned()).await.unwrap() else {
        panic!("{name} is there")
    };
    account.key.0
}

#[tokio::test]
async fn a_data_file_forgets_ways_to_recover_and_gives_no_key_again() {
    let database =
        Database::open(&StorageConfig::new(StorageLocation::Temporary), Sharing::Alone).await.unwrap();
    let store = Store::over_file(database);
    with_recovery(&store).await;
    with_endpoint(&store).await;
    store.database.end_what_was_restored().await.unwrap();
    store.database.withdraw_restored_events().await.unwrap();
    assert_eq!(store.count("event_endpoints WHERE off_at IS NOT NULL AND off_by = 'restore'").await, 1);
    assert_eq!(store.count("events WHERE state = 'withdrawn'").await, 1);
    assert_eq!(store.count("alerts WHERE waits = 0 AND cleared_at IS NOT NULL").await, 1);
    assert_eq!((store.count("recovery_codes").await, store.count("waiting_phones").await), (0, 0));
    // There was no account at the time of the backup, and may have been since.
    store.database.let_keys_go_on().await.unwrap();
    let key = next_account(&store.database, "anna").await;
    assert!(key > 1_500_000_000_000, "{key}");
    store.database.let_keys_go_on().await.unwrap();
    assert!(next_account(&store.database, "bert").await > key);
}

#[tokio::test]
async fn so_does_a_server() {
    for keep_sessions in [false, true] {
        let Some((server, database)) = open_postgres().await else { return };
        let url: DatabaseUrl = server.url().parse().unwrap();
        let store = Store::over_postgres(database, server);
        with_recovery(&store).await;
        with_endpoint(&store).await;
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("backup");
        dump_postgres(&url, &file).unwrap();
        assert_eq!(next_account(&store.database, "mallory").await, 1);
        let keys = MasterKeySource::Keys(MasterKeys::new(MasterKey::from_bytes([3; 32])));
        restore_postgres(&url, &keys, &file, keep_sessions).unwrap();
        let left = i64::from(keep_sessions);
        assert_eq!((store.count("recovery_codes").await, store.count("waiting_phones").await), (left, left));
        // An event that waited is not sent, whatever is kept, and no operator is told of that time.
        assert_eq!(store.count("events WHERE state = 'withdrawn'").await, 1);
        assert_eq!(store.count("alerts WHERE waits = 0 AND cleared_at IS NOT NULL").await, 1);
        assert_eq!(store.count("event_endpoints WHERE off_at IS NULL").await, left);
        assert_eq!(store.count("event_endpoints WHERE off_by = 'restore'").await, 1 - left);
        let key = next_account(&store.database, "anna").await;
        assert!(key > 1_500_000_000_000, "{key}");
    }
}
