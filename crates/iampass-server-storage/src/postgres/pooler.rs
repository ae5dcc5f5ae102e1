//! Poolers that give a session to one transaction after another.
//!
//! A pooler in transaction mode puts another session behind a connection at each transaction: settings and prepared statements of one node are
//! met by another, a statement may run in the place of another one, and no notification arrives.

use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::{Client, SimpleQueryMessage};

use super::pool::Pool;
use crate::StorageError;

/// How long a connection waits for another one's transaction, if they share a session.
const LONGEST: Duration = Duration::from_secs(5);

/// How often two connections are compared. Once is enough for a pooler that no other program uses; others take sessions meanwhile.
const ROUNDS: usize = 4;

/// Refuses a database whose sessions change behind their connections.
///
/// # Errors
/// [`StorageError::TransactionPooler`].
pub(super) async fn refuse_transaction_mode(pool: &Pool) -> Result<(), StorageError> {
    let (one, other) = (pool.take().await?, pool.take().await?);
    let asked = Box::pin(async {
        for _ in 0..ROUNDS {
            if !keep_their_sessions(one.client(), other.client()).await? {
                return Ok::<_, StorageError>(false);
            }
        }
        Ok(true)
    });
    let (first, second) = (one.begin(), other.begin());
    let asked = first.of(Box::pin(second.of(asked))).await??;
    one.end(&asked);
    other.end(&asked);
    if asked? { Ok(()) } else { Err(StorageError::TransactionPooler) }
}

/// A pooler gives the next transaction the session that was used last, or the one that has rested longest. In the first case the second
/// connection gets the session of the first one and keeps it in a transaction; in the second case the first connection gets another one when it
/// asks again.
async fn keep_their_sessions(one: &Client, other: &Client) -> Result<bool, StorageError> {
    let before = session(one, "").await?;
    let again = session(one, "").await?;
    let between = session(other, "BEGIN; ").await?;
    let after = timeout(LONGEST, session(one, "")).await;
    let ended = other.batch_execute("COMMIT").await;
    let Ok(after) = after else { return Ok(false) };
    ended?;
    Ok(before == again && before == after? && before != between)
}

async fn session(client: &Client, before: &str) -> Result<String, StorageError> {
    let answers = client.simple_query(&format!("{before}SELECT pg_backend_pid()")).await?;
    let pid = answers.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    pid.map(str::to_owned).ok_or(StorageError::Corrupt { what: "number of a session" })
}
