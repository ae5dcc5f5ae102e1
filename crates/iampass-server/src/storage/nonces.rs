//! Nonces that outlive the process.
//!
//! A request that changes something brings its nonce into the same transaction ([`insert`]), so there is no instant at which the change is
//! stored and the nonce is not; one whose change fails leaves its nonce all the same. Nonces of reads are written behind in batches, one row a batch, because a row and an index entry for each
//! would cost more than the read itself; a kill may lose the last 100 ms of them, and what could be replayed then only reads.

use std::sync::{Arc, Mutex};

use iampass_core::UnixSeconds;
use iampass_core::signing::{Nonce, Presented, Refusal, ReplayWindow};
use rusqlite::{Connection, ErrorCode, params};

use super::writer::locked;
use super::{Database, StorageError};

/// What may wait in memory while the disk fails. Beyond it the oldest are given up: the window in memory still has them.
const MOST_WAITING: usize = 16 * 1024 * 1024;

/// A nonce that was accepted and must become durable: with the change that the request makes, or, if it makes none, behind.
/// Dropping it is enough for the latter, so that no path forgets it.
pub(crate) struct SpentNonce {
    database: Arc<Database>,
    row: Option<NonceRow>,
}

#[derive(Clone)]
pub(super) struct NonceRow {
    id: String,
    nonce: u64,
    timestamp: UnixSeconds,
}

impl SpentNonce {
    pub(crate) fn new(database: Arc<Database>, presented: &Presented<'_>) -> Self {
        let row = NonceRow {
            id: presented.id().to_owned(),
            nonce: presented.nonce().value(),
            timestamp: presented.timestamp(),
        };
        Self { database, row: Some(row) }
    }

    /// For changes that nobody has signed.
    #[cfg(test)]
    pub(crate) fn none(database: Arc<Database>) -> Self {
        Self { database, row: None }
    }

    /// What a transaction takes along.
    pub(super) fn row(&self) -> Option<NonceRow> {
        self.row.clone()
    }

    /// The transaction has taken it to the disk.
    pub(super) fn stored(mut self) {
        self.row = None;
    }
}

impl Drop for SpentNonce {
    fn drop(&mut self) {
        if let Some(row) = self.row.take() {
            self.database.write_behind(&row.id, row.nonce, row.timestamp.0);
        }
    }
}

/// Stores a nonce within the transaction of its change.
///
/// # Errors
/// [`StorageError::Replayed`] when it is there already; the change must not happen then.
pub(super) fn insert(connection: &Connection, row: &NonceRow) -> Result<(), StorageError> {
    let mut statement =
        connection.prepare_cached("INSERT INTO nonces (id, nonce, timestamp) VALUES (?1, ?2, ?3)")?;
    match statement.execute(params![row.id, row.nonce.cast_signed(), seconds(row.timestamp)]) {
        Ok(_) => Ok(()),
        Err(rusqlite::Error::SqliteFailure(error, _)) if error.code == ErrorCode::ConstraintViolation => {
            Err(StorageError::Replayed)
        }
        Err(error) => Err(error.into()),
    }
}

/// Seconds as SQLite keeps them.
pub(super) fn seconds(time: UnixSeconds) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}

/// Seconds as they were stored.
pub(super) fn unix(seconds: i64) -> UnixSeconds {
    UnixSeconds(u64::try_from(seconds).unwrap_or_default())
}

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

impl Database {
    /// Fills the window with the nonces that could still be replayed; how many there was no room for.
    ///
    /// The latest are remembered first. So those without room are older than all that are remembered of their id, or of all ids where
    /// the whole window is full: before there is room for another one, their timestamps have left the window, and nothing is replayed.
    pub(crate) fn load_nonces(
        &self,
        window: &mut ReplayWindow,
        oldest: UnixSeconds,
        now: UnixSeconds,
    ) -> Result<usize, StorageError> {
        let mut stored = self.stored_nonces(oldest)?;
        stored.sort_by_key(|row| std::cmp::Reverse(row.timestamp));
        let mut without_room = 0;
        for NonceRow { id, nonce, timestamp } in stored {
            // Seen already, or out of the window by now: both are as good as remembered.
            if window.remember(&id, Nonce::new(nonce), timestamp, now) == Err(Refusal::WindowFull) {
                without_room += 1;
            }
        }
        Ok(without_room)
    }

    /// All nonces whose timestamps do not lie before `oldest`, and some more.
    fn stored_nonces(&self, oldest: UnixSeconds) -> Result<Vec<NonceRow>, StorageError> {
        self.read(|connection| {
            let mut stored = Vec::new();
            let mut single =
                connection.prepare("SELECT id, nonce, timestamp FROM nonces WHERE timestamp >= ?1")?;
            let mut rows = single.query([seconds(oldest)])?;
            while let Some(row) = rows.next()? {
                let nonce = row.get::<_, i64>(1)?.cast_unsigned();
                stored.push(NonceRow { id: row.get(0)?, nonce, timestamp: unix(row.get(2)?) });
            }
            let mut batches = connection.prepare("SELECT entries FROM nonce_batches WHERE latest >= ?1")?;
            let mut rows = batches.query([seconds(oldest)])?;
            while let Some(row) = rows.next()? {
                let entries: String = row.get(0)?;
                for line in entries.lines() {
                    let (id, nonce, timestamp) =
                        read_line(line).ok_or(StorageError::Corrupt { what: "batch of nonces" })?;
                    stored.push(NonceRow { id: id.to_owned(), nonce: nonce.value(), timestamp });
                }
            }
            Ok(stored)
        })
    }

    /// Deletes nonces whose timestamps lie before `oldest`.
    pub(crate) async fn purge_nonces(&self, oldest: UnixSeconds) -> Result<(), StorageError> {
        self.write(move |connection, _| {
            let oldest = seconds(oldest);
            connection.prepare_cached("DELETE FROM nonces WHERE timestamp < ?1")?.execute([oldest])?;
            connection.prepare_cached("DELETE FROM nonce_batches WHERE latest < ?1")?.execute([oldest])?;
            Ok(())
        })
        .await
    }
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
        let taken = behind.take();
        assert_eq!((taken.lines.as_str(), taken.latest), ("a 1 10\nb 2 9\n", 10));
        assert!(behind.push("c", 3, 11));
        behind.put_back(taken);
        let all = behind.take();
        assert_eq!((all.lines.as_str(), all.latest), ("a 1 10\nb 2 9\nc 3 11\n", 11));
    }

    fn open() -> Arc<Database> {
        let config = crate::ServiceConfig::in_memory_or_temp();
        Arc::new(Database::open(&config.data, crate::storage::Sharing::Alone, config.clock).unwrap())
    }

    fn spent(database: &Arc<Database>, nonce: u64, timestamp: u64) -> SpentNonce {
        let row = NonceRow { id: "id".to_owned(), nonce, timestamp: UnixSeconds(timestamp) };
        SpentNonce { database: Arc::clone(database), row: Some(row) }
    }

    fn stored(database: &Database) -> Vec<u64> {
        let stored = database.stored_nonces(UnixSeconds(0)).unwrap();
        stored.into_iter().map(|row| row.nonce).collect()
    }

    #[tokio::test]
    async fn the_nonce_of_a_change_that_fails_is_stored_and_the_change_is_not() {
        let database = open();
        let failed = database.write_spending(spent(&database, 1, 10), |connection, _| {
            connection.execute("INSERT INTO applications VALUES (NULL, 'a', 's', 'n', 0)", [])?;
            Err::<(), _>(StorageError::Corrupt { what: "anything" })
        });
        assert!(matches!(failed.await, Err(StorageError::Corrupt { .. })));
        assert!(database.application("a").unwrap().is_none());
        assert_eq!(stored(&database), [1]);
        let panicked =
            database.write_spending(spent(&database, 2, 10), |_, _| -> Result<(), _> { panic!("a change") });
        assert!(matches!(panicked.await, Err(StorageError::Panicked)));
        assert_eq!(stored(&database), [1, 2]);
        let again = database.write_spending(spent(&database, 1, 10), |_, _| Ok(()));
        assert!(matches!(again.await, Err(StorageError::Replayed)));
    }

    #[tokio::test]
    async fn the_nonce_of_a_change_that_is_not_committed_is_stored_with_the_next() {
        let database = open();
        // A deferred foreign key fails at the commit, not at the statement.
        let failed = database.write_spending(spent(&database, 1, 10), |connection, _| {
            connection.execute_batch(
                "PRAGMA defer_foreign_keys = ON;
                 INSERT INTO users VALUES (NULL, 99, 'u', 0);",
            )?;
            Ok(())
        });
        assert!(matches!(failed.await, Err(StorageError::NotCommitted(_))));
        assert_eq!(stored(&database), [0_u64; 0]);
        database.flush().await.unwrap();
        assert_eq!(stored(&database), [1]);
    }

    #[tokio::test]
    async fn what_there_is_no_room_for_is_out_of_the_window_before_there_is() {
        let database = open();
        for (nonce, timestamp) in [(1, 1_000), (2, 1_100), (3, 1_050)] {
            database.write_spending(spent(&database, nonce, timestamp), |_, _| Ok(())).await.unwrap();
        }
        // Behind, in a batch, and the latest of all.
        drop(spent(&database, 4, 1_150));
        database.flush().await.unwrap();
        let mut window = ReplayWindow::new(std::time::Duration::from_secs(300), 8);
        let now = UnixSeconds(1_200);
        assert_eq!(database.load_nonces(&mut window, UnixSeconds(900), now).unwrap(), 2);
        let replayed = [(1, 1_000), (2, 1_100), (3, 1_050), (4, 1_150)];
        for now in (1_200..1_500).map(UnixSeconds) {
            for (nonce, timestamp) in replayed {
                let taken = window.remember("id", Nonce::new(nonce), UnixSeconds(timestamp), now);
                assert!(taken.is_err(), "{nonce} at {now:?}");
            }
        }
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
