//! The files left after the service has stopped, and the changes to them that it notices before.

use iampass_core::{ApplicationId, Secret};

use crate::{Database, Sharing, StorageError};
use crate::{StorageConfig, StorageLocation};

async fn open(path: &std::path::Path, sharing: Sharing) -> Database {
    Database::open(&StorageConfig::new(StorageLocation::File(path.to_owned())), sharing).await.unwrap()
}

#[tokio::test]
async fn after_a_stop_the_file_alone_has_everything() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("data");
    for (sharing, id) in [(Sharing::Alone, "A"), (Sharing::Beside, "B")] {
        let database = open(&path, sharing).await;
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
        drop(database);
        assert!(!directory.path().join("data-wal").exists());
    }
    let elsewhere = tempfile::tempdir().unwrap();
    for name in ["data", "data.key"] {
        std::fs::copy(directory.path().join(name), elsewhere.path().join(name)).unwrap();
    }
    let copy = open(&elsewhere.path().join("data"), Sharing::Alone).await;
    assert_eq!(copy.applications().await.unwrap().len(), 2);
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_was_deleted_or_replaced_is_noticed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("data");
    let database = open(&path, Sharing::Alone).await;
    database.takes_changes().await.unwrap();
    let moved = directory.path().join("moved");
    std::fs::rename(&path, &moved).unwrap();
    assert!(matches!(database.takes_changes().await, Err(StorageError::Replaced { .. })));
    std::fs::write(&path, b"another one").unwrap();
    assert!(matches!(database.takes_changes().await, Err(StorageError::Replaced { .. })));
    std::fs::rename(&moved, &path).unwrap();
    database.takes_changes().await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_is_copied_over_it_is_noticed() {
    let directory = tempfile::tempdir().unwrap();
    let [path, other, backup] = ["data", "other?file", "backup"].map(|name| directory.path().join(name));
    drop(open(&other, Sharing::Alone).await);
    // Another service's data, and a backup of one's own.
    for over in [&other, &backup] {
        let database = open(&path, Sharing::Alone).await;
        database.takes_changes().await.unwrap();
        if *over == backup {
            super::copy(&path, &backup, &|_, _| {}).unwrap();
        }
        drop(open(&path, Sharing::Beside).await);
        database.takes_changes().await.unwrap();
        // In place: it is the same file, with another content.
        std::fs::copy(over, &path).unwrap();
        let found = database.takes_changes().await;
        assert!(matches!(found, Err(StorageError::Replaced { .. })), "{found:?}");
        drop(database);
        for name in ["data", "data-wal", "data-shm"] {
            let _ = std::fs::remove_file(directory.path().join(name));
        }
    }
}

#[tokio::test]
async fn a_backup_that_is_put_in_its_place_by_the_command_is_taken_up() {
    let directory = tempfile::tempdir().unwrap();
    let [path, backup] = ["data", "backup"].map(|name| directory.path().join(name));
    let database = open(&path, Sharing::Alone).await;
    super::copy(&path, &backup, &|_, _| {}).unwrap();
    super::put_in_place(&backup, &path).unwrap();
    database.takes_changes().await.unwrap();
    database.flush().await.unwrap();
    rusqlite::Connection::open(&path)
        .unwrap()
        .query_row("PRAGMA wal_checkpoint(FULL)", [], |_| Ok(()))
        .unwrap();
    database.takes_changes().await.unwrap();
}
