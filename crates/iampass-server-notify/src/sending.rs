//! [`Sending`]: what a node is sending, and how much of it belongs to which application.

use std::collections::HashMap;

use iampass_server_storage::{ApplicationKey, Turns};
use tokio::task::{self, JoinSet};

/// The attempts that are being made.
pub(super) struct Sending {
    tasks: JoinSet<()>,
    applications: HashMap<task::Id, ApplicationKey>,
    turns: Turns,
}

impl Sending {
    /// None yet. `most_of_one` is the share that one application may have.
    pub(super) fn new(most_of_one: u32) -> Self {
        let turns = Turns { most_of_one, ..Turns::default() };
        Self { tasks: JoinSet::new(), applications: HashMap::new(), turns }
    }

    /// How many are being made.
    pub(super) fn len(&self) -> usize {
        self.tasks.len()
    }

    /// The turns of those that have something to send, and those in hand.
    pub(super) fn turns(&self) -> Turns {
        self.turns.clone()
    }

    /// This application was served last.
    pub(super) fn served(&mut self, last: i64) {
        self.turns.last = last;
    }

    pub(super) fn begin(
        &mut self,
        application: ApplicationKey,
        attempt: impl Future<Output = ()> + Send + 'static,
    ) {
        let id = self.tasks.spawn(attempt).id();
        self.applications.insert(id, application);
        *self.turns.in_hand.entry(application).or_default() += 1;
    }

    pub(super) fn count_ended(&mut self) {
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            self.ended(ended);
        }
    }

    pub(super) async fn one_ends(&mut self) {
        if let Some(ended) = self.tasks.join_next_with_id().await {
            self.ended(ended);
        }
    }

    /// Returns when none is being made any more.
    pub(super) async fn all_end(&mut self) {
        while self.tasks.join_next().await.is_some() {}
    }

    fn ended(&mut self, ended: Result<(task::Id, ()), task::JoinError>) {
        let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
        let Some(application) = self.applications.remove(&id) else { return };
        if let Some(in_hand) = self.turns.in_hand.get_mut(&application) {
            *in_hand = in_hand.saturating_sub(1);
            if *in_hand == 0 {
                self.turns.in_hand.remove(&application);
            }
        }
    }
}
