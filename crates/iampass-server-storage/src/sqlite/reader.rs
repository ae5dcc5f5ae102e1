//! Connections that only read.
//!
//! Point reads run right on the runtime's threads. One takes a few microseconds with its statement prepared and its pages in the cache, which is
//! less than handing it to another thread and back; and in WAL mode a reader never waits for the writer.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, TryLockError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::StorageError;
use crate::locked::locked;

/// More than there are runtime threads on a small machine; a larger one shares them, a few microseconds each.
const READERS: usize = 4;

#[derive(Debug)]
pub(crate) struct Readers {
    connections: Vec<Mutex<Connection>>,
    next: AtomicUsize,
}

impl Readers {
    pub(crate) fn open(path: &Path) -> Result<Self, StorageError> {
        let connections = (0..READERS).map(|_| open(path).map(Mutex::new)).collect::<Result<_, _>>()?;
        Ok(Self { connections, next: AtomicUsize::new(0) })
    }

    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        work(&mut *self.take()?)
    }

    fn take(&self) -> Result<MutexGuard<'_, Connection>, StorageError> {
        let start = self.next.fetch_add(1, Ordering::Relaxed);
        let in_turn = |step: usize| self.connections.get(start.wrapping_add(step) % READERS);
        for connection in (0..READERS).filter_map(in_turn) {
            match connection.try_lock() {
                Ok(free) => return Ok(free),
                Err(TryLockError::Poisoned(poisoned)) => return Ok(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        in_turn(0).map(locked).ok_or(StorageError::Stopped)
    }
}

fn open(path: &Path) -> Result<Connection, StorageError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    // It is on a runtime's thread: a store that blocks is answered by 503 rather than waited for.
    connection.busy_timeout(Duration::from_millis(250))?;
    // Nothing is mapped: each connection would take the file's size once more, and an error of the disk would end the process.
    connection.pragma_update(None, "cache_size", -8_192)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}
