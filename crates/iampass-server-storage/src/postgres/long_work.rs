//! Work at the server that may take long: migrations, and the wait for another node's.
//!
//! Such work has no time limit. It is given up when the server is silent, which is asked by another connection, or when another server has
//! taken its place. Belongs here: that, and telling the operator about the wait. Does not belong here: work that has a limit ([`super::pool`]).

use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::pool::{GivenUp, Limit, Pool};
use crate::StorageError;

/// How often the log says that it still waits, and the server is asked whether it answers.
const EVERY: Duration = Duration::from_secs(if cfg!(test) { 1 } else { 10 });
/// How long the server has to answer that.
const ANSWER: Duration = Duration::from_secs(5);
/// How many questions in a row stay without an answer until it is given up.
const SILENT: u32 = 3;

/// Runs work to its end, for as long as the server answers others. `what` is what the log says.
pub(super) async fn wait_for<T>(
    pool: &Pool,
    limit: &Limit,
    what: &'static str,
    mut work: Pin<Box<dyn Future<Output = Result<T, StorageError>> + Send + '_>>,
) -> Result<T, StorageError> {
    let began = Instant::now();
    let watch = async {
        let mut silent = 0;
        loop {
            sleep(EVERY).await;
            let seconds = began.elapsed().as_secs();
            match timeout(ANSWER, answers(pool)).await.unwrap_or_else(|_| Err(no_answer())) {
                Err(StorageError::Unreachable(why)) => {
                    silent += 1;
                    tracing::warn!(seconds, why, "the database is silent; this waits for {what}");
                    if silent == SILENT {
                        return;
                    }
                }
                // Another error is an answer too.
                _ => {
                    silent = 0;
                    tracing::warn!(seconds, "this waits for {what}");
                }
            }
        }
    };
    tokio::select! {
        biased;
        done = &mut work => done,
        () = watch => Err(no_answer()),
        () = limit.replaced() => Err(GivenUp::to_another_server().into()),
    }
}

fn no_answer() -> StorageError {
    StorageError::Unreachable("it does not answer".to_owned())
}

async fn answers(pool: &Pool) -> Result<(), StorageError> {
    let connection = pool.take().await?;
    let asked = Box::pin(async { Ok(connection.client().batch_execute("SELECT 1").await?) });
    let answered = connection.begin().of(asked).await?;
    connection.end(&answered);
    match answered {
        // A connection that broke is no answer.
        Err(StorageError::Postgres(error)) if error.code().is_none() => {
            Err(StorageError::Unreachable(error.to_string()))
        }
        answered => answered,
    }
}
