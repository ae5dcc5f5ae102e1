//! Many tasks that start at the same instant. Belongs here: that. Does not belong here: what they do.

use std::sync::Arc;

use tokio::sync::Barrier;

use super::checks::Seen;

/// How many tasks call a store at once.
pub(super) const TASKS: usize = 50;

/// Runs the futures as tasks of the current runtime, none of which begins before all are ready, and gives their results in order.
pub(super) async fn at_once<T, F>(futures: Vec<F>) -> Result<Vec<T>, Seen>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let gate = Arc::new(Barrier::new(futures.len().max(1)));
    let mut tasks = Vec::with_capacity(futures.len());
    for future in futures {
        let gate = gate.clone();
        tasks.push(tokio::spawn(async move {
            gate.wait().await;
            future.await
        }));
    }
    let mut results = Vec::with_capacity(tasks.len());
    for task in tasks {
        results.push(task.await.map_err(|error| format!("one of the tasks ended early: {error}"))?);
    }
    Ok(results)
}
