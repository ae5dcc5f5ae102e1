//! The one thread that changes the data.
//!
//! Changes queue up; the thread takes all that are waiting, runs each in a savepoint of one transaction, commits once, and only
//! then answers them all (group commit: one `fsync` serves many callers). A change that fails is undone alone; if the commit fails, all
//! of them are told so.
//!
//! Nonces of requests that only read are written behind: they are collected in memory and go to disk with the next change, or
//! 100 ms later by themselves.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use iampass_core::UnixSeconds;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::at_hand::AtHand;
use super::behind::{Waiting, WriteBehind, insert_batch};
use super::figures::WriterFigures;
use crate::{Awaited, StorageError};

/// Changes that may wait; a caller beyond that is told to come back later.
const QUEUE: usize = 4_096;
/// Changes that share a commit at most, so that the first does not wait for ever.
const BATCH: usize = 512;
/// How long a nonce may wait for its commit.
const BEHIND: Duration = Duration::from_millis(100);

/// A change on its way through the queue.
trait Change: Send {
    /// Makes the change, or leaves everything as it was. An error means that it is half done and can only be undone with all others.
    fn run(&mut self, connection: &mut Connection) -> rusqlite::Result<()>;
    /// Tells the caller, after the commit.
    fn answer(self: Box<Self>, commit: Result<(), &str>);
}

struct Queued<T, F, A> {
    work: Option<F>,
    after: A,
    result: Option<Result<T, StorageError>>,
    reply: oneshot::Sender<Result<T, StorageError>>,
}

impl<T, F, A> Change for Queued<T, F, A>
where
    T: Send,
    F: FnOnce(&mut Connection) -> Result<T, StorageError> + Send,
    A: FnOnce() + Send,
{
    fn run(&mut self, connection: &mut Connection) -> rusqlite::Result<()> {
        if let Some(work) = self.work.take() {
            self.result = Some(attempt(connection, work)?);
        }
        Ok(())
    }

    fn answer(self: Box<Self>, commit: Result<(), &str>) {
        let result = match (self.result, commit) {
            // A change that failed by itself has failed, even if the batch was committed.
            (Some(Err(error)), _) => Err(error),
            (Some(Ok(value)), Ok(())) => {
                (self.after)();
                Ok(value)
            }
            (_, Err(why)) => Err(StorageError::NotCommitted(why.to_owned())),
            (None, Ok(())) => Err(StorageError::NotCommitted("it was never run".to_owned())),
        };
        // A caller that has gone away needs no answer.
        let _ = self.reply.send(result);
    }
}

enum Message {
    Change(Box<dyn Change>),
    /// Nonces have begun to wait.
    Behind,
}

/// The writer's end that callers hold. Dropping it writes what is waiting and ends the thread.
pub(crate) struct Writer {
    queue: Option<SyncSender<Message>>,
    behind: Arc<WriteBehind>,
    figures: Arc<WriterFigures>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread over its own connection.
    pub(crate) fn start(
        mut connection: Connection,
        behind: Arc<WriteBehind>,
        at_hand: Arc<AtHand>,
    ) -> std::io::Result<Self> {
        let (queue, messages) = sync_channel(QUEUE);
        let for_thread = Arc::clone(&behind);
        let figures = Arc::new(WriterFigures::new());
        let counted = Arc::clone(&figures);
        let thread = std::thread::Builder::new()
            .name("iampass-writer".to_owned())
            .spawn(move || run(&mut connection, &messages, &for_thread, &at_hand, &counted))?;
        Ok(Self { queue: Some(queue), behind, figures, thread: Some(thread) })
    }

    /// Makes a change and returns after it is on disk.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, StorageError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, StorageError> + Send + 'static,
    {
        self.queue(work)?.await.unwrap_or(Err(StorageError::Stopped))
    }

    /// Puts a change into the queue. It is made whether or not anybody waits for its answer, and before all that is queued later.
    pub(crate) fn queue<T, F>(&self, work: F) -> Result<Awaited<T>, StorageError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, StorageError> + Send + 'static,
    {
        self.queue_and_then(work, || ())
    }

    /// As [`Writer::queue`]; `after` is called when the change has been committed, before the caller is told.
    pub(crate) fn queue_and_then<T, F, A>(&self, work: F, after: A) -> Result<Awaited<T>, StorageError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, StorageError> + Send + 'static,
        A: FnOnce() + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        // Before it is in the queue, so that it is never taken out before it was counted.
        self.figures.queued();
        let queued = Queued { work: Some(work), after, result: None, reply };
        let sent = self.send(Message::Change(Box::new(queued)));
        sent.inspect_err(|_| self.figures.left_the_queue(1))?;
        Ok(answer)
    }

    /// Notes that a nonce was used; it is on disk at most 100 ms later.
    pub(crate) fn write_behind(&self, id: &str, nonce: u64, timestamp: UnixSeconds) {
        if self.behind.push(id, nonce, timestamp.0) {
            // A full queue means that a commit is near anyway, and it takes the nonces along.
            let _ = self.send(Message::Behind);
        }
    }

    /// Its counters.
    pub(crate) fn figures(&self) -> &WriterFigures {
        &self.figures
    }

    fn send(&self, message: Message) -> Result<(), StorageError> {
        let queue = self.queue.as_ref().ok_or(StorageError::Stopped)?;
        queue.try_send(message).map_err(|error| match error {
            TrySendError::Full(_) => StorageError::Busy,
            TrySendError::Disconnected(_) => StorageError::Stopped,
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(
    connection: &mut Connection,
    messages: &Receiver<Message>,
    behind: &WriteBehind,
    at_hand: &AtHand,
    figures: &WriterFigures,
) {
    loop {
        let mut changes = Vec::new();
        match messages.recv() {
            Ok(Message::Change(change)) => changes.push(change),
            Ok(Message::Behind) => match messages.recv_timeout(BEHIND) {
                Ok(Message::Change(change)) => changes.push(change),
                Ok(Message::Behind) | Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            },
            Err(_) => break,
        }
        while changes.len() < BATCH {
            match messages.try_recv() {
                Ok(Message::Change(change)) => changes.push(change),
                Ok(Message::Behind) => {}
                Err(_) => break,
            }
        }
        commit(connection, changes, behind, at_hand, figures);
    }
    commit(connection, Vec::new(), behind, at_hand, figures);
}

fn commit(
    connection: &mut Connection,
    mut changes: Vec<Box<dyn Change>>,
    behind: &WriteBehind,
    at_hand: &AtHand,
    figures: &WriterFigures,
) {
    let waiting = behind.take();
    let committed = write_all(connection, &mut changes, &waiting);
    if matches!(committed, Ok(true)) {
        figures.committed(changes.len());
    }
    if let Err(error) = &committed {
        tracing::error!(%error, changes = changes.len(), "a commit failed; all of its callers get the error");
        if !connection.is_autocommit() {
            let _ = connection.execute_batch("ROLLBACK");
        }
        behind.put_back(waiting);
    }
    at_hand.committed(connection);
    figures.left_the_queue(changes.len());
    let why = committed.map(drop).map_err(|error| error.to_string());
    for change in changes {
        change.answer(why.as_ref().map(|_| ()).map_err(String::as_str));
    }
}

/// Whether anything was written: a look for due rows that finds none does not cost a commit.
fn write_all(
    connection: &mut Connection,
    changes: &mut [Box<dyn Change>],
    waiting: &Waiting,
) -> rusqlite::Result<bool> {
    if changes.is_empty() && waiting.is_empty() {
        return Ok(false);
    }
    let before = connection.total_changes();
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    for change in changes {
        change.run(connection)?;
    }
    insert_batch(connection, waiting)?;
    connection.prepare_cached("COMMIT")?.execute([])?;
    Ok(connection.total_changes() != before)
}

/// Does `work` as a whole or not at all, within the transaction. A panic in it is undone like any other failure, and goes no further:
/// everybody's changes need this thread.
///
/// # Errors
/// The outer one when it could be neither kept nor undone; then the transaction must not be committed.
pub(super) fn attempt<T>(
    connection: &mut Connection,
    work: impl FnOnce(&mut Connection) -> Result<T, StorageError>,
) -> rusqlite::Result<Result<T, StorageError>> {
    connection.prepare_cached("SAVEPOINT change")?.execute([])?;
    // Changes before a panic are undone in the database, and the work shares no other state.
    let done = catch_unwind(AssertUnwindSafe(|| work(connection)));
    let result = done.unwrap_or(Err(StorageError::Panicked));
    if result.is_err() {
        connection.prepare_cached("ROLLBACK TO change")?.execute([])?;
    }
    connection.prepare_cached("RELEASE change")?.execute([])?;
    Ok(result)
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writer() -> (Writer, tempfile::TempDir) {
        let directory = tempfile::tempdir().unwrap();
        let mut connection = Connection::open(directory.path().join("data")).unwrap();
        super::super::schema::migrate(&mut connection, &super::super::schema::test_sealer()).unwrap();
        let at_hand = AtHand::of(&connection).unwrap();
        (Writer::start(connection, Arc::default(), at_hand).unwrap(), directory)
    }

    fn add(connection: &mut Connection, id: &str) -> Result<usize, StorageError> {
        Ok(connection.execute(
            "INSERT INTO applications (id, name, created_at, secret) VALUES (?1, 'n', 0, x'00')",
            [id],
        )?)
    }

    fn count(connection: &mut Connection) -> Result<i64, StorageError> {
        Ok(connection.query_row("SELECT count(*) FROM applications", [], |row| row.get(0))?)
    }

    #[tokio::test]
    async fn a_change_that_fails_is_undone_alone() {
        let (writer, _directory) = writer();
        assert_eq!(writer.write(|c| add(c, "a")).await.unwrap(), 1);
        let failed = writer
            .write(|c| {
                add(c, "b")?;
                add(c, "a")
            })
            .await;
        assert!(matches!(failed, Err(StorageError::Sqlite(_))), "{failed:?}");
        assert_eq!(writer.write(count).await.unwrap(), 1, "`b` went with the rest of its change");
        assert_eq!(writer.write(|c| add(c, "b")).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_change_that_panics_is_undone_alone_and_the_writer_goes_on() {
        let (writer, _directory) = writer();
        // All in one batch: the first holds the writer until the others stand behind it.
        let (let_go, is_let_go) = std::sync::mpsc::channel::<()>();
        let _holding = writer.queue(move |_| Ok(is_let_go.recv().is_ok())).unwrap();
        let before = writer.queue(|c| add(c, "a")).unwrap();
        let panics = writer.queue(|c| -> Result<(), StorageError> {
            add(c, "b")?;
            let mut rows = c.prepare_cached("SELECT id FROM applications")?;
            let _half_read = rows.query([])?.next()?.is_some();
            panic!("in the middle of a change");
        });
        let after = writer.queue(|c| add(c, "c")).unwrap();
        let_go.send(()).unwrap();
        assert_eq!(before.await.unwrap().unwrap(), 1);
        let panicked = panics.unwrap().await.unwrap();
        assert!(matches!(panicked, Err(StorageError::Panicked)), "{panicked:?}");
        assert_eq!(after.await.unwrap().unwrap(), 1);
        assert_eq!(writer.write(count).await.unwrap(), 2, "`b` is not there");
        assert_eq!(writer.write(|c| add(c, "b")).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn when_the_commit_fails_everybody_is_told() {
        let (writer, _directory) = writer();
        // A deferred foreign key fails at the commit, not at the statement.
        let failed = writer
            .write(|c| {
                c.execute_batch(
                    "PRAGMA defer_foreign_keys = ON;
                     INSERT INTO users (application_key, id, created_at) VALUES (99, 'u', 0);",
                )?;
                Ok(())
            })
            .await;
        assert!(matches!(failed, Err(StorageError::NotCommitted(_))), "{failed:?}");
        assert_eq!(writer.write(|c| add(c, "a")).await.unwrap(), 1, "and the next change is not harmed");
    }

    #[test]
    fn what_waits_is_written_when_the_writer_goes() {
        let (writer, directory) = writer();
        writer.write_behind("id", 7, UnixSeconds(1_000));
        drop(writer);
        let connection = Connection::open(directory.path().join("data")).unwrap();
        let entries: String =
            connection.query_row("SELECT entries FROM nonce_batches", [], |row| row.get(0)).unwrap();
        assert_eq!(entries, "id 7 1000\n");
    }
}
