//! The tables in SQLite, and how an older file becomes a current one.
//!
//! `PRAGMA user_version` counts the migrations that have run. Migrations are only ever added at the end, each as a file in `migrations/`,
//! and for PostgreSQL as well.

use rusqlite::{Connection, params};

use crate::sealing::{Sealed, Sealer};
use crate::{Migrations, StorageError};

/// Keys are never given out again (`AUTOINCREMENT`): a request under way for a phone that was just removed must not meet the next one.
/// Times are seconds since 1970. `due_at` is when a live session's state ends by itself, and `near_until` when its
/// phone's promise does.
const MIGRATIONS: &[Migration] = &[
    Migration::Sql(include_str!("migrations/1.sql")),
    Migration::Sealing(include_str!("migrations/2.sql")),
    Migration::Sql(include_str!("migrations/3.sql")),
    Migration::Sql(include_str!("migrations/4.sql")),
    Migration::Sql(include_str!("migrations/5.sql")),
    Migration::Sql(include_str!("migrations/6.sql")),
    Migration::Sql(include_str!("migrations/7.sql")),
    Migration::Sql(include_str!("migrations/8.sql")),
    Migration::Sql(include_str!("migrations/9.sql")),
    Migration::Sql(include_str!("migrations/10.sql")),
    Migration::Sql(include_str!("migrations/11.sql")),
    Migration::Sql(include_str!("migrations/12.sql")),
    Migration::Sql(include_str!("migrations/13.sql")),
    Migration::Sql(include_str!("migrations/14.sql")),
    Migration::Sql(include_str!("migrations/15.sql")),
    Migration::Sql(include_str!("migrations/16.sql")),
    Migration::Sql(include_str!("migrations/17.sql")),
    Migration::Sql(include_str!("migrations/18.sql")),
    Migration::Sql(include_str!("migrations/19.sql")),
    Migration::Sql(include_str!("migrations/20.sql")),
    Migration::Sql(include_str!("migrations/21.sql")),
    Migration::Sql(include_str!("migrations/22.sql")),
    Migration::Sql(include_str!("migrations/23.sql")),
    Migration::Sql(include_str!("migrations/24.sql")),
    Migration::Sql(include_str!("migrations/25.sql")),
    Migration::Sql(include_str!("migrations/26.sql")),
    Migration::Sql(include_str!("migrations/27.sql")),
    Migration::Sql(include_str!("migrations/28.sql")),
];

/// The version that this program makes and understands.
pub(crate) const KNOWN: i64 = MIGRATIONS.len() as i64;
/// From this version on, secrets are sealed.
pub(super) const SEALED_SINCE: i64 = 3;

enum Migration {
    Sql(&'static str),
    /// And then all secrets are sealed.
    Sealing(&'static str),
}

/// How many migrations have run.
pub(super) fn version(connection: &Connection) -> Result<i64, StorageError> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// Whether a file of this version can be brought to the current schema, and may be.
///
/// # Errors
/// [`StorageError::NewerSchema`], [`StorageError::OlderSchema`].
pub(super) fn check(found: i64, migrations: Migrations) -> Result<(), StorageError> {
    if found > KNOWN {
        return Err(StorageError::NewerSchema { found, known: KNOWN });
    }
    if found < KNOWN && found > 0 && migrations == Migrations::ByCommand {
        return Err(StorageError::OlderSchema { found, known: KNOWN });
    }
    Ok(())
}

/// Brings the file to the current schema.
///
/// # Errors
/// [`StorageError::NewerSchema`] for a file of a newer version; it is left as it is.
pub(super) fn migrate(connection: &mut Connection, sealer: &Sealer) -> Result<(), StorageError> {
    if version(connection)? == KNOWN {
        return Ok(());
    }
    // A table that is made anew is dropped, and the rows that refer to it must not go with it. This cannot be set in a transaction.
    let had_foreign_keys: bool = connection.pragma_query_value(None, "foreign_keys", |row| row.get(0))?;
    connection.pragma_update(None, "foreign_keys", "OFF")?;
    let migrated = run_all(connection, sealer);
    connection.pragma_update(None, "foreign_keys", had_foreign_keys)?;
    migrated
}

fn run_all(connection: &mut Connection, sealer: &Sealer) -> Result<(), StorageError> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let found = version(&transaction)?;
    check(found, Migrations::AtStart)?;
    let done = usize::try_from(found).map_err(|_| StorageError::Corrupt { what: "schema version" })?;
    for migration in MIGRATIONS.iter().skip(done) {
        match migration {
            Migration::Sql(sql) => transaction.execute_batch(sql)?,
            Migration::Sealing(sql) => {
                transaction.execute_batch(sql)?;
                seal_all(&transaction, sealer)?;
            }
        }
    }
    if transaction.prepare("PRAGMA foreign_key_check")?.exists([])? {
        return Err(StorageError::Corrupt { what: "reference between tables" });
    }
    transaction.pragma_update(None, "user_version", KNOWN)?;
    transaction.commit()?;
    if (1..SEALED_SINCE).contains(&found) {
        tracing::info!("the secrets in the data file are sealed now");
        // The text that stood there in clear must remain neither in the file nor in the log beside it.
        connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);")?;
    }
    Ok(())
}

/// Columns with secrets in clear: table, name of the owner, secret, seal.
const IN_CLEAR: [(Sealed, &str, &str); 4] = [
    (
        Sealed::Application,
        "SELECT id, secret FROM applications",
        "UPDATE applications SET sealed = ?2 WHERE id = ?1",
    ),
    (Sealed::Device, "SELECT id, secret FROM devices", "UPDATE devices SET sealed = ?2 WHERE id = ?1"),
    (
        Sealed::Session,
        "SELECT token, secret FROM sessions",
        "UPDATE sessions SET sealed = ?2 WHERE token = ?1",
    ),
    (
        Sealed::Question,
        "SELECT request_id, request_secret FROM sessions",
        "UPDATE sessions SET request_sealed = ?2 WHERE request_id = ?1",
    ),
];

fn seal_all(connection: &Connection, sealer: &Sealer) -> Result<(), StorageError> {
    for (kind, select, update) in IN_CLEAR {
        let mut found = connection.prepare(select)?;
        let rows = found.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let rows: Vec<(String, String)> = rows.collect::<Result<_, _>>()?;
        for (owner, secret) in rows {
            let sealed = sealer.seal(kind, &owner, secret.as_bytes())?;
            connection.execute(update, params![owner, sealed])?;
        }
    }
    Ok(())
}

/// A sealer with a key that is always the same.
#[cfg(test)]
pub(super) fn test_sealer() -> Sealer {
    use crate::master_key::{MasterKey, MasterKeys};
    Sealer::new(&MasterKeys::new(MasterKey::from_bytes([7; 32]))).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrating_twice_changes_nothing_and_a_newer_file_is_left_alone() {
        let sealer = test_sealer();
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, &sealer).unwrap();
        migrate(&mut connection, &sealer).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        let refused = migrate(&mut connection, &sealer);
        assert!(matches!(refused, Err(StorageError::NewerSchema { found: 99, .. })), "{refused:?}");
        assert_eq!(version(&connection).unwrap(), 99);
    }

    #[test]
    fn an_older_file_waits_for_the_command_if_it_is_told_to() {
        assert!(matches!(check(1, Migrations::ByCommand), Err(StorageError::OlderSchema { found: 1, .. })));
        assert!(check(1, Migrations::AtStart).is_ok());
        assert!(check(0, Migrations::ByCommand).is_ok(), "a new file is nobody's yet");
        assert!(check(KNOWN, Migrations::ByCommand).is_ok());
    }

    #[test]
    fn what_stood_in_clear_is_sealed_and_gone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("data");
        let sealer = test_sealer();
        let mut connection = Connection::open(&path).unwrap();
        connection.pragma_update(None, "journal_mode", "WAL").unwrap();
        let Migration::Sql(first) = &MIGRATIONS[0] else { panic!("the first is plain") };
        connection.execute_batch(first).unwrap();
        connection
            .execute_batch(
                "PRAGMA user_version = 1;
                 INSERT INTO applications VALUES (1, 'APP', 'CLEAR-A', 'n', 0);
                 INSERT INTO users VALUES (1, 1, 'u', 0);
                 INSERT INTO devices VALUES (1, 'dev', 'CLEAR-D', 1, 'web', '*', 0);
                 INSERT INTO sessions VALUES (1, 'tok', 'CLEAR-S', 'req', 'CLEAR-Q', 1, 1, 1, '', 60, 'pending', 0, 60, NULL, NULL);",
            )
            .unwrap();
        migrate(&mut connection, &sealer).unwrap();
        for (kind, owner, sql, clear) in [
            (Sealed::Application, "APP", "SELECT secret FROM applications", "CLEAR-A"),
            (Sealed::Device, "dev", "SELECT secret FROM devices", "CLEAR-D"),
            (Sealed::Session, "tok", "SELECT secret FROM sessions", "CLEAR-S"),
            (Sealed::Question, "req", "SELECT request_secret FROM sessions", "CLEAR-Q"),
        ] {
            let sealed: Vec<u8> = connection.query_row(sql, [], |row| row.get(0)).unwrap();
            assert_eq!(sealer.open(kind, owner, &sealed).unwrap().expose(), clear);
        }
        // The column that a later migration has added to an existing session.
        let known: i64 =
            connection.query_row("SELECT known_browser FROM sessions", [], |row| row.get(0)).unwrap();
        assert_eq!(known, 0);
        for file in ["data", "data-wal"] {
            let bytes = std::fs::read(directory.path().join(file)).unwrap_or_default();
            assert!(!bytes.windows(6).any(|window| window == b"CLEAR-"), "{file}");
        }
    }
}
