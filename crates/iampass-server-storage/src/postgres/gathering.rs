//! Jobs that are done together: those that come while others are being committed begin together when that has ended.
//!
//! A job that comes while nothing is being done begins at once, so one alone is never delayed. One that comes while a commit is under way, or as many tasks
//! as a group is to have side by side ([`Group::side_by_side`]), waits until one of these has ended: then those that have come meanwhile begin together. The
//! more a commit takes, the more jobs share the next one. No job waits long: where trips take long, tasks run side by side all the same.
//!
//! Belongs here: when jobs begin, and which ones together. Does not belong here: what they do.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::runtime::Handle;

use crate::StorageError;
use crate::locked::locked;

/// Jobs that begin together at most; more begin side by side.
const TOGETHER: usize = 32;
/// Jobs that wait for a commit; one more is told to come back later.
const WAITING: usize = 4_096;
/// How long a job waits for a commit of others, which may take as long as a standby is away.
///
/// Tests hold commits up until so many jobs wait, however slow the machine is.
const PATIENCE: Duration = Duration::from_millis(if cfg!(test) { 20_000 } else { 50 });

/// How long a job waits for a place beside others that are not being committed: one of them may wait for a lock.
const FOR_A_PLACE: Duration = Duration::from_millis(5);

/// Does jobs together.
pub(super) trait Group: Send + Sync + 'static {
    /// A job.
    type Job: Send + 'static;

    /// The jobs that wait.
    fn gathering(&self) -> &Gathering<Self::Job>;

    /// How many tasks do jobs side by side while one more job begins at once.
    fn side_by_side(&self) -> usize {
        usize::MAX
    }

    /// Begins a task that does these jobs.
    fn begin(self: &Arc<Self>, jobs: Vec<Self::Job>);
}

/// The jobs that wait.
pub(super) struct Gathering<J> {
    state: Mutex<State<J>>,
    runtime: Handle,
}

struct State<J> {
    /// Commits that are under way.
    commits: usize,
    /// Tasks that do jobs.
    running: usize,
    jobs: Vec<J>,
    /// How often jobs were taken, so that a time that has run out is told from a later one.
    taken: u64,
}

impl<J> Gathering<J> {
    /// None, within the runtime in which this is called.
    pub(super) fn new() -> Self {
        let state = State { commits: 0, running: 0, jobs: Vec::new(), taken: 0 };
        Self { state: Mutex::new(state), runtime: Handle::current() }
    }

    /// How many jobs wait.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        locked(&self.state).jobs.len()
    }

    /// The runtime that jobs are done in.
    pub(super) fn runtime(&self) -> &Handle {
        &self.runtime
    }
}

impl<J> State<J> {
    fn take(&mut self) -> Vec<J> {
        self.taken += 1;
        std::mem::take(&mut self.jobs)
    }
}

/// Hands in a job. It is done whether or not anybody waits for it.
///
/// # Errors
/// [`StorageError::Busy`] when too many wait.
pub(super) fn hand_in<G: Group>(group: &Arc<G>, job: G::Job) -> Result<(), StorageError> {
    if locked(&group.gathering().state).jobs.len() >= WAITING {
        return Err(StorageError::Busy);
    }
    hand_in_surely(group, job);
    Ok(())
}

/// Hands in a job that nobody could bring again, however many wait.
pub(super) fn hand_in_surely<G: Group>(group: &Arc<G>, job: G::Job) {
    let gathering = group.gathering();
    let mut state = locked(&gathering.state);
    if state.commits == 0 && state.running < group.side_by_side() {
        let mut jobs = state.take();
        drop(state);
        jobs.push(job);
        begin(group, jobs);
        return;
    }
    state.jobs.push(job);
    if let ([_], taken) = (state.jobs.as_slice(), state.taken) {
        let group = Arc::clone(group);
        let patience = if state.commits == 0 { FOR_A_PLACE } else { PATIENCE };
        gathering.runtime.spawn(async move {
            tokio::time::sleep(patience).await;
            let mut state = locked(&group.gathering().state);
            if state.taken == taken {
                let jobs = state.take();
                drop(state);
                begin(&group, jobs);
            }
        });
    }
}

/// Adds those that wait to jobs that are about to be done, as many as may be done together.
pub(super) fn more<J>(gathering: &Gathering<J>, jobs: &mut Vec<J>) {
    let mut state = locked(&gathering.state);
    let room = TOGETHER.saturating_sub(jobs.len()).min(state.jobs.len());
    jobs.extend(state.jobs.drain(..room));
}

fn begin<G: Group>(group: &Arc<G>, mut jobs: Vec<G::Job>) {
    while !jobs.is_empty() {
        let others = jobs.split_off(jobs.len().min(TOGETHER));
        group.begin(std::mem::replace(&mut jobs, others));
    }
}

/// A commit is under way, until this is dropped. Jobs that have come meanwhile begin then.
pub(super) struct Committing<G: Group>(Arc<G>);

impl<G: Group> Committing<G> {
    pub(super) fn of(group: &Arc<G>) -> Self {
        locked(&group.gathering().state).commits += 1;
        Self(Arc::clone(group))
    }
}

impl<G: Group> Drop for Committing<G> {
    fn drop(&mut self) {
        let jobs = {
            let mut state = locked(&self.0.gathering().state);
            state.commits -= 1;
            state.take()
        };
        begin(&self.0, jobs);
    }
}

/// A task does jobs, until this is dropped. Jobs that have waited for a place beside others begin then.
pub(super) struct Running<G: Group>(Arc<G>);

impl<G: Group> Running<G> {
    pub(super) fn of(group: &Arc<G>) -> Self {
        locked(&group.gathering().state).running += 1;
        Self(Arc::clone(group))
    }
}

impl<G: Group> Drop for Running<G> {
    fn drop(&mut self) {
        let jobs = {
            let mut state = locked(&self.0.gathering().state);
            state.running -= 1;
            match state.commits == 0 && state.running < self.0.side_by_side() {
                true => state.take(),
                false => Vec::new(),
            }
        };
        begin(&self.0, jobs);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Begun {
        gathering: Gathering<u32>,
        begun: Mutex<Vec<Vec<u32>>>,
    }

    impl Group for Begun {
        type Job = u32;

        fn gathering(&self) -> &Gathering<u32> {
            &self.gathering
        }

        fn side_by_side(&self) -> usize {
            2
        }

        fn begin(self: &Arc<Self>, jobs: Vec<u32>) {
            locked(&self.begun).push(jobs);
        }
    }

    fn group() -> Arc<Begun> {
        Arc::new(Begun { gathering: Gathering::new(), begun: Mutex::default() })
    }

    fn begun(group: &Begun) -> Vec<Vec<u32>> {
        std::mem::take(&mut *locked(&group.begun))
    }

    #[tokio::test]
    async fn one_alone_begins_at_once_and_those_that_meet_a_commit_begin_together_after_it() {
        let group = group();
        hand_in(&group, 1).unwrap();
        hand_in(&group, 2).unwrap();
        assert_eq!(begun(&group), [[1], [2]]);
        let (commit, other) = (Committing::of(&group), Committing::of(&group));
        for job in 3..6 {
            hand_in(&group, job).unwrap();
        }
        assert!(begun(&group).is_empty());
        drop(commit);
        assert_eq!(begun(&group), [[3, 4, 5]], "when the first of them has ended");
        hand_in(&group, 6).unwrap();
        assert!(begun(&group).is_empty(), "there is another one");
        drop(other);
        assert_eq!(begun(&group), [[6]]);
        hand_in(&group, 7).unwrap();
        assert_eq!(begun(&group), [[7]]);
    }

    #[tokio::test]
    async fn more_than_run_side_by_side_begin_together_when_one_has_ended() {
        let group = group();
        let (one, other) = (Running::of(&group), Running::of(&group));
        for job in 1..4 {
            hand_in(&group, job).unwrap();
        }
        assert!(begun(&group).is_empty());
        drop(one);
        assert_eq!(begun(&group), [[1, 2, 3]]);
        hand_in(&group, 4).unwrap();
        assert_eq!(begun(&group), [[4]], "there is a place");
        // A commit is waited for as well.
        let (one, commit) = (Running::of(&group), Committing::of(&group));
        hand_in(&group, 5).unwrap();
        drop((one, other));
        assert!(begun(&group).is_empty());
        drop(commit);
        assert_eq!(begun(&group), [[5]]);
    }

    #[tokio::test(start_paused = true)]
    async fn jobs_that_run_for_long_are_not_waited_for() {
        let group = group();
        let _running = (Running::of(&group), Running::of(&group));
        hand_in(&group, 1).unwrap();
        tokio::time::sleep(PATIENCE * 2).await;
        assert_eq!(begun(&group), [[1]]);
    }

    #[tokio::test]
    async fn too_many_for_one_begin_side_by_side() {
        let group = group();
        let commit = Committing::of(&group);
        for job in 0..40 {
            hand_in(&group, job).unwrap();
        }
        drop(commit);
        assert_eq!(begun(&group).iter().map(Vec::len).collect::<Vec<_>>(), [TOGETHER, 8]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_commit_that_does_not_end_is_not_waited_for() {
        let group = group();
        let commit = Committing::of(&group);
        hand_in(&group, 1).unwrap();
        tokio::time::sleep(PATIENCE * 2).await;
        assert_eq!(begun(&group), [[1]]);
        hand_in(&group, 2).unwrap();
        drop(commit);
        assert_eq!(begun(&group), [[2]]);
        tokio::time::sleep(PATIENCE * 2).await;
        assert!(begun(&group).is_empty(), "each once");
    }

    #[tokio::test]
    async fn more_than_can_wait_are_told_to_come_back() {
        let group = group();
        let commit = Committing::of(&group);
        for _ in 0..WAITING {
            hand_in(&group, 0).unwrap();
        }
        assert!(matches!(hand_in(&group, 0), Err(StorageError::Busy)));
        hand_in_surely(&group, 7);
        drop(commit);
        assert!(begun(&group).last().unwrap().contains(&7));
    }
}
