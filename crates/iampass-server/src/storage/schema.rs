//! The tables, and how an older file becomes a current one.
//!
//! `PRAGMA user_version` counts the migrations that have run. Migrations are only ever added at the end.

use rusqlite::Connection;

use super::StorageError;

/// Secrets stand here in clear: checking an HMAC needs them. The file is readable by its owner only.
/// Keys are never given out again (`AUTOINCREMENT`): a request under way for a phone that was just removed must not meet the next one.
/// Times are seconds since 1970. `due_at` is when a live session's state ends by itself.
const MIGRATIONS: &[&str] = &["
CREATE TABLE applications (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    secret TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE users (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    application INTEGER NOT NULL REFERENCES applications (key) ON DELETE CASCADE,
    id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (application, id)
) STRICT;

CREATE TABLE devices (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    secret TEXT NOT NULL,
    user INTEGER NOT NULL UNIQUE REFERENCES users (key) ON DELETE CASCADE,
    platform TEXT NOT NULL,
    notification_token TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE links (
    user INTEGER PRIMARY KEY REFERENCES users (key) ON DELETE CASCADE,
    code_sha256 BLOB NOT NULL UNIQUE,
    display_name TEXT,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    token TEXT NOT NULL UNIQUE,
    secret TEXT NOT NULL,
    request_id TEXT NOT NULL UNIQUE,
    request_secret TEXT NOT NULL,
    application INTEGER NOT NULL REFERENCES applications (key) ON DELETE CASCADE,
    user INTEGER REFERENCES users (key) ON DELETE SET NULL,
    device INTEGER REFERENCES devices (key) ON DELETE SET NULL,
    methods TEXT NOT NULL,
    duration_seconds INTEGER NOT NULL,
    state TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    due_at INTEGER,
    activated_at INTEGER,
    ended_at INTEGER
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user) WHERE ended_at IS NULL;
CREATE INDEX sessions_of_user ON sessions (user);
CREATE INDEX sessions_by_device ON sessions (device);
CREATE INDEX sessions_due ON sessions (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX sessions_ended ON sessions (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE nonces (
    id TEXT NOT NULL,
    nonce INTEGER NOT NULL,
    timestamp INTEGER NOT NULL,
    PRIMARY KEY (id, nonce)
) STRICT, WITHOUT ROWID;
CREATE INDEX nonces_by_age ON nonces (timestamp);

CREATE TABLE nonce_batches (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    latest INTEGER NOT NULL,
    entries TEXT NOT NULL
) STRICT;
"];

/// Brings the file to the current schema.
///
/// # Errors
/// [`StorageError::NewerSchema`] for a file of a newer version; it is left as it is.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), StorageError> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(StorageError::NewerSchema { found, known });
    }
    let done = usize::try_from(found).map_err(|_| StorageError::Corrupt { what: "schema version" })?;
    for migration in MIGRATIONS.iter().skip(done) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(())
}

/// Whether nothing is left to be migrated.
pub(crate) fn is_current(connection: &Connection) -> Result<bool, StorageError> {
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    Ok(usize::try_from(found).is_ok_and(|found| found == MIGRATIONS.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrating_twice_changes_nothing_and_a_newer_file_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        migrate(&mut connection).unwrap();
        connection.pragma_update(None, "user_version", 99).unwrap();
        let refused = migrate(&mut connection);
        assert!(matches!(refused, Err(StorageError::NewerSchema { found: 99, .. })), "{refused:?}");
        let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        assert_eq!(version, 99);
    }
}
