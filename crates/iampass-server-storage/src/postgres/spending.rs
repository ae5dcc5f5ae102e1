//! Nonces: each is known to all nodes before its request is answered.
//!
//! The nonce of a change goes into the transaction of the change. One of a request that only reads is stored by itself; it is there for all nodes
//! at once, and on the disk with whatever is committed next. Those that come while others are being stored are stored together.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_postgres::error::SqlState;
use tokio_util::task::TaskTracker;

use super::by_one_statement::{self, ByOneStatement};
use super::gathering::{Gathering, Group, hand_in};
use super::pool::Pool;
use super::statements::PostgresStatements;
use crate::StorageError;
use crate::nonce_rows::NonceRow;

/// How often a nonce that could not be stored is tried again, after a second at first, and after twice as long each time.
const TRIES: u32 = 5;

/// Stores nonces by themselves.
pub(super) struct Spending {
    pool: Arc<Pool>,
    gathering: Gathering<ToSpend>,
    tasks: TaskTracker,
}

/// A nonce, and who waits for it.
pub(super) struct ToSpend {
    row: NonceRow,
    reply: oneshot::Sender<Result<(), StorageError>>,
}

impl Group for Spending {
    type Job = ToSpend;

    fn gathering(&self) -> &Gathering<ToSpend> {
        &self.gathering
    }

    fn begin(self: &Arc<Self>, jobs: Vec<ToSpend>) {
        by_one_statement::begin(self, jobs);
    }
}

impl Spending {
    pub(super) fn new(pool: Arc<Pool>) -> Arc<Self> {
        Arc::new(Self { pool, gathering: Gathering::new(), tasks: TaskTracker::new() })
    }

    /// Makes a nonce known to all nodes.
    ///
    /// # Errors
    /// [`StorageError::Replayed`] when it is known already.
    pub(super) async fn spend(self: &Arc<Self>, row: NonceRow) -> Result<(), StorageError> {
        if row.id.contains('\0') {
            return Err(StorageError::ZeroCharacter);
        }
        let (reply, answer) = oneshot::channel();
        hand_in(self, ToSpend { row, reply })?;
        answer.await.unwrap_or(Err(StorageError::Stopped))
    }

    /// Spends it behind. If that fails, it is tried again some times.
    async fn spend_surely(self: &Arc<Self>, row: NonceRow) {
        if is_spent(&self.spend(row.clone()).await) {
            return;
        }
        let spending = Arc::clone(self);
        // A service that stops does not wait for it.
        self.gathering.runtime().spawn(async move {
            for again in 0..TRIES {
                tokio::time::sleep(Duration::from_secs(1 << again)).await;
                if is_spent(&spending.spend(row.clone()).await) {
                    return;
                }
            }
            tracing::error!("the nonce of a request that was refused could not be stored");
        });
    }

    /// Spends the nonce of a request that is refused whatever comes of it. It need not be waited for.
    pub(super) fn spend_behind(self: &Arc<Self>, row: NonceRow) -> JoinHandle<()> {
        let spending = Arc::clone(self);
        self.tasks.spawn_on(async move { spending.spend_surely(row).await }, self.gathering.runtime())
    }

    async fn store(&self, rows: &[NonceRow]) -> Result<Vec<bool>, StorageError> {
        let connection = self.pool.take().await?;
        let operation = Box::pin(async { insert_all(&mut PostgresStatements::new(&connection), rows).await });
        let done = connection.begin().of(operation).await?;
        connection.end(&done);
        done
    }
}

impl ByOneStatement for Spending {
    fn tasks(&self) -> &TaskTracker {
        &self.tasks
    }

    async fn together(&self, jobs: Vec<ToSpend>) -> Vec<ToSpend> {
        let rows: Vec<_> = jobs.iter().map(|job| job.row.clone()).collect();
        match self.store(&rows).await {
            Ok(are_new) => {
                for (job, is_new) in jobs.into_iter().zip(are_new) {
                    let _ = job.reply.send(if is_new { Ok(()) } else { Err(StorageError::Replayed) });
                }
                Vec::new()
            }
            // Where the connection was lost they may be stored already, and would be taken for copies of themselves.
            Err(StorageError::Postgres(error)) if jobs.len() > 1 && is_of_one(&error) => jobs,
            Err(error) if error.has_waited_too_long() && jobs.len() == 1 => {
                for job in jobs {
                    let _ = job.reply.send(Err(StorageError::Busy));
                }
                Vec::new()
            }
            Err(error) => {
                let mut error = Some(error);
                for job in jobs {
                    let likewise = error.as_ref().map(StorageError::for_one_more);
                    let error = if rows.len() > 1 { likewise } else { error.take() };
                    let _ = job.reply.send(Err(error.unwrap_or(StorageError::Stopped)));
                }
                Vec::new()
            }
        }
    }

    async fn alone(&self, job: ToSpend) {
        // One alone is never given back.
        drop(self.together(vec![job]).await);
    }
}

/// Whether the server has refused a statement for what is in it, and is there for the next.
pub(super) fn is_of_one(error: &tokio_postgres::Error) -> bool {
    let of_connection = |code: &SqlState| ["08", "57P"].iter().any(|class| code.code().starts_with(class));
    error.code().is_some_and(|code| !of_connection(code))
}

fn is_spent(result: &Result<(), StorageError>) -> bool {
    matches!(result, Ok(()) | Err(StorageError::Replayed))
}

/// Stores nonces by one statement; which of them are new. Of two that are the same, the first is.
pub(super) async fn insert_all(
    statements: &mut PostgresStatements<'_>,
    rows: &[NonceRow],
) -> Result<Vec<bool>, StorageError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut in_order: Vec<&NonceRow> = rows.iter().collect();
    in_order.sort_unstable_by(|one, other| one.in_order(other));
    let mut stored: HashSet<_> = statements.store_nonces(&in_order).await?.into_iter().collect();
    Ok(rows.iter().map(|row| stored.remove(&(row.id.clone(), row.nonce))).collect())
}
