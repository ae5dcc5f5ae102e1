//! A mark in the data file, by which one that was copied over it is noticed.
//!
//! A file that is overwritten in place, as `cp` does, keeps its device and number ([`super::file_identity`]). So each start of the service draws
//! a number and writes it into the file's header (`PRAGMA application_id`). Another data file, and a backup, have another one.

use std::path::Path;
use std::time::Duration;

use iampass_server_domain::random;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::StorageError;

/// The mark of a backup, and of a file that was never open for a service.
const NONE: i32 = 0;

/// How often it is looked for the mark of a file that seems damaged, and how long after each look.
const LOOKS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(5);

const IN_PATHS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');

/// Writes a new mark. `None` where the header cannot be written now, since another process reads the file.
pub(super) fn draw(connection: &Connection, path: &Path) -> Result<Option<i32>, StorageError> {
    let mark = i32::from_ne_bytes(random::bytes::<4>()?).max(i32::MIN + 1).wrapping_abs().max(1);
    write(connection, mark)?;
    // From the log into the file itself.
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
    Ok(Some(mark).filter(|mark| in_file(path).is_ok_and(|found| found == Some(*mark))))
}

/// Marks a file that is no service's.
pub(super) fn remove(connection: &Connection) -> Result<(), StorageError> {
    write(connection, NONE)
}

/// Gives the data that are put in the place of others the mark of those, so that a service on them goes on.
pub(super) fn take_over(new: &Connection, old: &Connection) -> Result<(), StorageError> {
    write(new, old.query_row("PRAGMA application_id", [], |row| row.get(0))?)
}

fn write(connection: &Connection, mark: i32) -> Result<(), StorageError> {
    Ok(connection.pragma_update(None, "application_id", mark)?)
}

/// The mark in the file at this path, past its log and without any lock. `None` where there is no data file.
///
/// It is read by a connection of SQLite. A file that this process opened and closed by itself would take SQLite's locks away.
///
/// A read without a lock may meet a checkpoint, and takes the file for damaged then. So it looks again.
pub(super) fn in_file(path: &Path) -> Result<Option<i32>, StorageError> {
    for _ in 0..LOOKS {
        match read(path) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => {
                std::thread::sleep(PAUSE);
            }
            read => return found(read),
        }
    }
    found(read(path))
}

fn found(read: Result<i32, rusqlite::Error>) -> Result<Option<i32>, StorageError> {
    match read {
        Ok(mark) => Ok(Some(mark)),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn read(path: &Path) -> Result<i32, rusqlite::Error> {
    let path = percent_encode(path.as_os_str().as_encoded_bytes(), IN_PATHS);
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(format!("file:{path}?immutable=1"), flags)
        .and_then(|connection| connection.query_row("PRAGMA application_id", [], |row| row.get(0)))
}
