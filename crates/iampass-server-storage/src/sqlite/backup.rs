//! A copy of the data file while it is in use.
//!
//! Belongs here: copying and checking a file. Does not belong here: the master key, which is not part of a backup.

use std::path::Path;
use std::time::Duration;

use iampass_core::UnixSeconds;
use iampass_core::signing::Nonce;
use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};

use super::behind;
use super::privacy::{beside, close_to_others, find_or_make};
use super::{file_mark, schema};
use crate::StorageError;

/// Pages that are copied at a time; changes get their turn in between.
const PAGES: i32 = 1_024;
const PAUSE: Duration = Duration::from_millis(5);

/// Copies the data at `from` to a new file at `to`: all that was acknowledged before this began is in it. `progress` is told how many pages
/// are left, of how many.
///
/// # Errors
/// [`StorageError`] when the file cannot be read, when there is something at `to`, or when the copy is not sound.
pub fn copy(from: &Path, to: &Path, progress: &dyn Fn(u64, u64)) -> Result<(), StorageError> {
    if to.exists() {
        let source = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
        return Err(StorageError::Open { path: to.to_owned(), source });
    }
    let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    source.busy_timeout(Duration::from_secs(5))?;
    schema::check(schema::version(&source)?, crate::Migrations::AtStart)?;
    let path = find_or_make(to)?;
    let mut copy = Connection::open(&path)?;
    {
        // One snapshot for all of it, so that a busy service cannot make it begin again for ever.
        let snapshot = source.unchecked_transaction()?;
        let _pinned: i64 = snapshot.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        let backup = Backup::new(&snapshot, &mut copy)?;
        loop {
            let step = backup.step(PAGES)?;
            let left = backup.progress();
            progress(left.remaining.unsigned_abs().into(), left.pagecount.unsigned_abs().into());
            match step {
                rusqlite::backup::StepResult::Done => break,
                _ => std::thread::sleep(PAUSE),
            }
        }
    }
    // A copy of a WAL file begins as one; it is one file when it is carried away.
    copy.pragma_update(None, "journal_mode", "DELETE")?;
    file_mark::remove(&copy)?;
    check(&copy)?;
    drop(copy);
    std::fs::File::open(&path)
        .and_then(|file| file.sync_all())
        .map_err(|source| StorageError::Open { path: path.clone(), source })?;
    close_to_others(&path)
}

/// The nonces of a data file, of this service or of a version before, whose timestamps do not lie before `oldest`.
///
/// # Errors
/// [`StorageError`] when the file cannot be read.
pub(crate) fn nonces_from(
    file: &Path,
    oldest: UnixSeconds,
) -> Result<Vec<(String, Nonce, UnixSeconds)>, StorageError> {
    let source = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    source.busy_timeout(Duration::from_secs(5))?;
    let mut found = Vec::new();
    behind::visit(&source, oldest, |id, nonce, timestamp| {
        // A batch has some more in it.
        if timestamp >= oldest {
            found.push((id.to_owned(), nonce, timestamp));
        }
        Ok(())
    })?;
    Ok(found)
}

/// Whether the database is sound.
pub(crate) fn check(connection: &Connection) -> Result<(), StorageError> {
    let answer: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    let broken = connection.prepare("PRAGMA foreign_key_check")?.exists([])?;
    if answer != "ok" || broken {
        return Err(StorageError::Corrupt { what: "table" });
    }
    Ok(())
}

/// Puts the data at `from`, which are not in use, in the place of what is at `to`, which a service may be using: others see all of it or
/// nothing. `from` is gone afterwards.
///
/// # Errors
/// [`StorageError`] when either cannot be used; then `to` is as it was.
pub fn put_in_place(from: &Path, to: &Path) -> Result<(), StorageError> {
    let source = Connection::open(from)?;
    // One file, with nothing beside it.
    source.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;")?;
    check(&source)?;
    if to.exists() {
        let mut live = Connection::open(to)?;
        live.busy_timeout(Duration::from_secs(10))?;
        file_mark::take_over(&source, &live)?;
        {
            let backup = Backup::new(&source, &mut live)?;
            let everything = -1;
            let step = backup.step(everything)?;
            if step != rusqlite::backup::StepResult::Done {
                return Err(StorageError::Busy);
            }
        }
        check(&live)?;
        drop(source);
        return std::fs::remove_file(from)
            .map_err(|source| StorageError::Open { path: from.to_owned(), source });
    }
    drop(source);
    // Of a file that is gone: SQLite would lay them over this one.
    for left_over in ["-wal", "-shm", "-journal"].map(|suffix| beside(to, suffix)) {
        match std::fs::remove_file(&left_over) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(StorageError::Open { path: left_over, source });
            }
            _ => {}
        }
    }
    std::fs::rename(from, to).map_err(|source| StorageError::Open { path: to.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_beside_a_file_that_is_gone_is_not_laid_over_the_restored_one() {
        let directory = tempfile::tempdir().unwrap();
        let (to, from) = (directory.path().join("data"), directory.path().join("backup"));
        let write = |path: &Path, text: &str| {
            let connection = Connection::open(path).unwrap();
            connection.pragma_update(None, "journal_mode", "WAL").unwrap();
            connection.execute_batch("CREATE TABLE t (text TEXT)").unwrap();
            connection.execute("INSERT INTO t VALUES (?1)", [text]).unwrap();
            connection
        };
        // A service that was killed: its log stays.
        std::mem::forget(write(&to, "before"));
        assert!(beside(&to, "-wal").exists());
        std::fs::remove_file(&to).unwrap();
        drop(write(&from, "backup"));
        put_in_place(&from, &to).unwrap();
        let text: String =
            Connection::open(&to).unwrap().query_row("SELECT text FROM t", [], |row| row.get(0)).unwrap();
        assert_eq!(text, "backup");
    }
}
