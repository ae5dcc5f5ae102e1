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

/// Refuses a database whose sessions change behind their connections.
///
/// # Errors
/// [`StorageError::TransactionPooler`].
pub(super) async fn refuse_transaction_mode(pool: &Pool) -> Result<(), StorageError> {
    let (one, other) = (pool.take().await?, pool.take().await?);
    let asked = Box::pin(async {
        // A pooler gives the session that was used last to the next transaction, which keeps it. Then the first connection gets another one.
        let before = session(one.client(), "").await?;
        let between = session(other.client(), "BEGIN; ").await?;
        let after = timeout(LONGEST, session(one.client(), "")).await;
        let ended = other.client().batch_execute("COMMIT").await;
        match after {
            Ok(after) => {
                ended?;
                Ok::<_, StorageError>(before == after? && before != between)
            }
            Err(_) => Ok(false),
        }
    });
    let (first, second) = (one.begin(), other.begin());
    let asked = first.of(Box::pin(second.of(asked))).await??;
    one.end(&asked);
    other.end(&asked);
    if asked? { Ok(()) } else { Err(StorageError::TransactionPooler) }
}

async fn session(client: &Client, before: &str) -> Result<String, StorageError> {
    let answers = client.simple_query(&format!("{before}SELECT pg_backend_pid()")).await?;
    let pid = answers.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    pid.map(str::to_owned).ok_or(StorageError::Corrupt { what: "number of a session" })
}
