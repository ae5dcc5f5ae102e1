//! Groups whose jobs are done by one statement together. Belongs here: what they have in common, which is when a job is done again by itself. Does not belong
//! here: the statements ([`super::asking`], [`super::spending`]), and when jobs begin ([`super::gathering`]).

use std::sync::Arc;

use tokio_util::task::TaskTracker;

use super::gathering::{Committing, Group};

/// A group whose jobs are done by one statement together.
pub(super) trait ByOneStatement: Group {
    /// The tasks that are under way.
    fn tasks(&self) -> &TaskTracker;

    /// Does all of these by one statement. Those that are to be done again alone, since another one may have failed, are given back.
    fn together(&self, jobs: Vec<Self::Job>) -> impl Future<Output = Vec<Self::Job>> + Send;

    /// Does one that has failed among others.
    fn alone(&self, job: Self::Job) -> impl Future<Output = ()> + Send;
}

/// Begins a task that does these jobs.
pub(super) fn begin<G: ByOneStatement>(group: &Arc<G>, jobs: Vec<G::Job>) {
    let (of_task, committing) = (Arc::clone(group), Committing::of(group));
    spawn(group, async move {
        let again = of_task.together(jobs).await;
        drop(committing);
        for job in again {
            let group = Arc::clone(&of_task);
            spawn(&of_task, async move { group.alone(job).await });
        }
    });
}

/// Returns after every job that was handed in has been done.
pub(super) async fn flush<G: ByOneStatement>(group: &G) {
    let tasks = group.tasks();
    tasks.close();
    tasks.wait().await;
    tasks.reopen();
}

fn spawn<G: ByOneStatement>(group: &Arc<G>, task: impl Future<Output = ()> + Send + 'static) {
    drop(group.tasks().spawn_on(task, group.gathering().runtime()));
}
