//! Nonces of requests that only read, on their way to the disk.
//!
//! They are written behind in batches, one row a batch, because a row and an index entry for each would cost more than the read itself; a
//! kill may lose the last 100 ms of them, and what could be replayed then only reads. Only SQLite does so: its one service has them in
//! memory too. Nodes that share a PostgreSQL have nothing but the database in common, so there each nonce is a row before its answer.

use std::sync::Mutex;

use iampass_core::UnixSeconds;
use iampass_core::signing::Nonce;
use rusqlite::{Connection, params};

use crate::StorageError;
use crate::locked::locked;
use crate::values::{seconds, unix};

/// The most that may wait in memory while the disk fails. Beyond it the oldest are given up: the window in memory still has them.
const MOST_WAITING: usize = 16 * 1024 * 1024;

/// Nonces that wait for a commit.
#[derive(Default, Debug)]
pub(crate) struct WriteBehind {
    waiting: Mutex<Waiting>,
}

/// A line `id nonce timestamp` each; ids hold no spaces.
#[derive(Default, Debug)]
pub(super) struct Waiting {
    lines: String,
    latest: u64,
}

impl Waiting {
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

impl WriteBehind {
    /// Adds one; true when it is the first that waits.
    pub(super) fn push(&self, id: &str, nonce: u64, timestamp: u64) -> bool {
        use std::fmt::Write as _;

        let mut waiting = locked(&self.waiting);
        let first = waiting.is_empty();
        if waiting.lines.len() < MOST_WAITING {
            // Writing to a String cannot fail.
            let _ = writeln!(waiting.lines, "{id} {nonce} {timestamp}");
            waiting.latest = waiting.latest.max(timestamp);
        }
        first
    }

    pub(super) fn take(&self) -> Waiting {
        std::mem::take(&mut *locked(&self.waiting))
    }

    /// After a commit that failed.
    pub(super) fn put_back(&self, failed: Waiting) {
        let mut waiting = locked(&self.waiting);
        let newer = std::mem::replace(&mut *waiting, failed);
        waiting.latest = waiting.latest.max(newer.latest);
        waiting.lines.push_str(&newer.lines);
    }
}

pub(super) fn insert_batch(connection: &Connection, waiting: &Waiting) -> rusqlite::Result<()> {
    if waiting.is_empty() {
        return Ok(());
    }
    connection
        .prepare_cached("INSERT INTO nonce_batches (latest, entries) VALUES (?1, ?2)")?
        .execute(params![seconds(UnixSeconds(waiting.latest)), waiting.lines])?;
    Ok(())
}

/// All nonces whose timestamps do not lie before `oldest`, and some more. There may be millions.
pub(super) fn visit(
    connection: &Connection,
    oldest: UnixSeconds,
    mut visit: impl FnMut(&str, Nonce, UnixSeconds) -> Result<(), StorageError>,
) -> Result<(), StorageError> {
    let corrupt = || StorageError::Corrupt { what: "stored nonces" };
    let mut single = connection.prepare("SELECT id, nonce, timestamp FROM nonces WHERE timestamp >= ?1")?;
    let mut rows = single.query([seconds(oldest)])?;
    while let Some(row) = rows.next()? {
        let id = row.get_ref(0)?.as_str().map_err(|_| corrupt())?;
        visit(id, Nonce::new(row.get::<_, i64>(1)?.cast_unsigned()), unix(row.get(2)?))?;
    }
    let mut batches = connection.prepare("SELECT entries FROM nonce_batches WHERE latest >= ?1")?;
    let mut rows = batches.query([seconds(oldest)])?;
    while let Some(row) = rows.next()? {
        for line in row.get_ref(0)?.as_str().map_err(|_| corrupt())?.lines() {
            let (id, nonce, timestamp) = read_line(line).ok_or_else(corrupt)?;
            visit(id, nonce, timestamp)?;
        }
    }
    Ok(())
}

fn read_line(line: &str) -> Option<(&str, Nonce, UnixSeconds)> {
    let mut words = line.split(' ');
    let (id, nonce, timestamp) = (words.next()?, words.next()?, words.next()?);
    Some((id, Nonce::parse(nonce)?, UnixSeconds(timestamp.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_to_wait_is_told_apart() {
        let behind = WriteBehind::default();
        assert!(behind.push("a", 1, 10));
        assert!(!behind.push("b", 2, 9));
        assert_eq!(behind.take().lines, "a 1 10\nb 2 9\n");
        assert!(behind.push("c", 3, 11));
    }

    #[test]
    fn lines_are_read_as_they_are_written() {
        assert_eq!(
            read_line("id 18446744073709551615 7"),
            Some(("id", Nonce::new(u64::MAX), UnixSeconds(7)))
        );
        assert_eq!(read_line("id 7"), None);
    }
}
