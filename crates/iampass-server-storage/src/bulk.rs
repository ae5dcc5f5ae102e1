//! Calls that change many rows: they are cut into slices, and take turns.
//!
//! Changes of one store are made one after the other, or over a few connections. A call with a thousand users would hold up everybody's logins,
//! and a few dozen of them at once would do so for seconds. So a slice is a transaction of its own, between two of which others come in, and an
//! application has one such call under way at a time on each node.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::locked::locked;
use super::{ApplicationKey, StorageError};

/// As many rows are changed in one transaction.
pub(super) const SLICE: usize = 50;
/// Calls of one application that wait for their turn; one more is told to come back later.
const WAITING: usize = 64;
/// Calls that are under way at the same time, of all applications.
const UNDER_WAY: usize = 4;
/// A call that has waited for so long is told to come back later.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// The turns of one node.
pub(super) struct BulkTurns {
    under_way: Arc<Semaphore>,
    longest_wait: Duration,
    waiting: Mutex<HashMap<ApplicationKey, Waiting>>,
}

/// The calls of one application, with the one that is under way.
struct Waiting {
    turn: Arc<Semaphore>,
    calls: usize,
}

/// A call's turn. It ends when this is dropped.
#[must_use = "the turn ends when it is dropped"]
pub(super) struct Turn<'t> {
    permits: Option<[OwnedSemaphorePermit; 2]>,
    turns: &'t BulkTurns,
    application: ApplicationKey,
}

impl BulkTurns {
    pub(super) fn new() -> Self {
        Self {
            under_way: Arc::new(Semaphore::new(UNDER_WAY)),
            longest_wait: LONGEST_WAIT,
            waiting: Mutex::default(),
        }
    }

    /// Waits for the turn of a call.
    ///
    /// # Errors
    /// [`StorageError::Busy`] when too many calls wait, or it takes too long.
    pub(super) async fn take(&self, application: ApplicationKey) -> Result<Turn<'_>, StorageError> {
        let own = {
            let mut waiting = locked(&self.waiting);
            let own = waiting
                .entry(application)
                .or_insert_with(|| Waiting { turn: Arc::new(Semaphore::new(1)), calls: 0 });
            if own.calls > WAITING {
                return Err(StorageError::Busy);
            }
            own.calls += 1;
            Arc::clone(&own.turn)
        };
        let mut turn = Turn { permits: None, turns: self, application };
        // First among its own, so that the calls of one application do not stand in the way of all others.
        let both = async {
            let own = own.acquire_owned().await.ok()?;
            Some([own, Arc::clone(&self.under_way).acquire_owned().await.ok()?])
        };
        turn.permits = tokio::time::timeout(self.longest_wait, both).await.unwrap_or_default();
        if turn.permits.is_some() { Ok(turn) } else { Err(StorageError::Busy) }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        drop(self.permits.take());
        let mut waiting = locked(&self.turns.waiting);
        if let Some(own) = waiting.get_mut(&self.application) {
            own.calls -= 1;
            if own.calls == 0 {
                waiting.remove(&self.application);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;

    const SHOP: ApplicationKey = ApplicationKey(1);

    #[tokio::test]
    async fn an_application_has_one_turn_at_a_time_and_others_do_not_wait_for_it() {
        let turns = BulkTurns::new();
        let first = turns.take(SHOP).await.unwrap();
        let mut second = Box::pin(turns.take(SHOP));
        assert!(futures_util::poll!(&mut second).is_pending());
        let other = turns.take(ApplicationKey(2)).await.unwrap();
        assert!(futures_util::poll!(&mut second).is_pending());
        drop(first);
        let second = second.await.unwrap();
        drop((second, other));
        assert!(locked(&turns.waiting).is_empty(), "nothing is remembered");
    }

    #[tokio::test]
    async fn a_call_too_many_or_too_late_is_told_to_come_back() {
        let turns = BulkTurns { longest_wait: Duration::from_millis(50), ..BulkTurns::new() };
        let under_way = turns.take(SHOP).await.unwrap();
        let mut calls: Vec<_> = (0..=WAITING).map(|_| Box::pin(turns.take(SHOP))).collect();
        let last = calls.len() - 1;
        for (place, call) in calls.iter_mut().enumerate() {
            assert_eq!(futures_util::poll!(call).is_ready(), place == last, "{place}");
        }
        calls.truncate(last);
        assert!(join_all(calls).await.iter().all(Result::is_err));
        drop(under_way);
        drop(turns.take(SHOP).await.unwrap());
        assert!(locked(&turns.waiting).is_empty(), "calls that were refused are not remembered");
    }
}
