//! The turns of those who count many rows. Belongs here: one turn at a time for each thing that is counted, and a result that all who wait for it share.
//! Does not belong here: counting ([`super::login_hours`]).

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit, watch};

use crate::locked::locked;

/// Turns that are under way at the same time on a node: other reads have room beside them.
const UNDER_WAY: usize = 2;
/// A turn or a result that has not come after so long does not come.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// The turns of one node. Nothing is remembered of what nobody counts at the moment.
#[derive(Debug)]
pub(super) struct CountingTurns<K, T> {
    under_way: Semaphore,
    longest_wait: Duration,
    counted: Mutex<HashMap<K, watch::Receiver<Option<T>>>>,
}

/// The result of waiting for a turn.
#[derive(Debug)]
pub(super) enum Counting<'t, K: Eq + Hash + Copy, T: Clone> {
    /// The caller counts, for all who wait.
    Own(Turn<'t, K, T>),
    /// Another one has counted meanwhile.
    Shared(T),
    /// Others were busy for too long.
    TooLate,
}

/// The turn of a caller. It ends when this is dropped. Without a result, one of those who wait for it counts next.
#[derive(Debug)]
#[must_use = "the turn ends when it is dropped"]
pub(super) struct Turn<'t, K: Eq + Hash + Copy, T: Clone> {
    turns: &'t CountingTurns<K, T>,
    key: K,
    result: watch::Sender<Option<T>>,
    permit: Option<SemaphorePermit<'t>>,
}

impl<K, T> Default for CountingTurns<K, T> {
    fn default() -> Self {
        Self { under_way: Semaphore::new(UNDER_WAY), longest_wait: LONGEST_WAIT, counted: Mutex::default() }
    }
}

impl<K: Eq + Hash + Copy, T: Clone> CountingTurns<K, T> {
    /// Waits for a turn of counting `key`, or for the result of the one that has it.
    pub(super) async fn take(&self, key: K) -> Counting<'_, K, T> {
        tokio::time::timeout(self.longest_wait, self.wait(key)).await.unwrap_or(Counting::TooLate)
    }

    async fn wait(&self, key: K) -> Counting<'_, K, T> {
        loop {
            let mut result = match self.begin(key) {
                Ok(mut turn) => {
                    // It is never closed.
                    turn.permit = self.under_way.acquire().await.ok();
                    return Counting::Own(turn);
                }
                Err(result) => result,
            };
            // It fails where the turn has ended without a result.
            if let Ok(found) = result.wait_for(Option::is_some).await
                && let Some(counted) = &*found
            {
                return Counting::Shared(counted.clone());
            }
        }
    }

    /// The turn, or the result that the one who has it will tell.
    fn begin(&self, key: K) -> Result<Turn<'_, K, T>, watch::Receiver<Option<T>>> {
        let mut counted = locked(&self.counted);
        if let Some(result) = counted.get(&key) {
            return Err(result.clone());
        }
        let (result, told) = watch::channel(None);
        counted.insert(key, told);
        Ok(Turn { turns: self, key, result, permit: None })
    }
}

impl<K: Eq + Hash + Copy, T: Clone> Turn<'_, K, T> {
    /// Tells the result to all who wait for it.
    pub(super) fn tell(self, counted: T) {
        self.result.send_replace(Some(counted));
    }
}

impl<K: Eq + Hash + Copy, T: Clone> Drop for Turn<'_, K, T> {
    fn drop(&mut self) {
        drop(self.permit.take());
        locked(&self.turns.counted).remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Turns = CountingTurns<u8, &'static str>;

    async fn own(turns: &Turns, key: u8) -> Turn<'_, u8, &'static str> {
        match turns.take(key).await {
            Counting::Own(turn) => turn,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn those_who_wait_share_the_result_and_others_do_not_wait() {
        let turns = Turns::default();
        let first = own(&turns, 1).await;
        let mut waiting: Vec<_> = (0..50).map(|_| Box::pin(turns.take(1))).collect();
        for call in &mut waiting {
            assert!(futures_util::poll!(call).is_pending());
        }
        drop(own(&turns, 2).await);
        first.tell("counted");
        for call in waiting {
            assert!(matches!(call.await, Counting::Shared("counted")));
        }
        // The next one counts anew.
        drop(own(&turns, 1).await);
        assert!(locked(&turns.counted).is_empty(), "nothing is remembered");
    }

    #[tokio::test]
    async fn a_turn_without_a_result_is_the_next_one_s() {
        let turns = Turns::default();
        let first = own(&turns, 1).await;
        let mut second = Box::pin(turns.take(1));
        assert!(futures_util::poll!(&mut second).is_pending());
        drop(first);
        let Counting::Own(second) = second.await else { panic!("it is nobody's") };
        second.tell("counted");
        assert!(locked(&turns.counted).is_empty());
    }

    #[tokio::test]
    async fn a_turn_that_does_not_come_is_not_waited_for() {
        let turns = Turns { longest_wait: Duration::from_millis(50), ..Turns::default() };
        let _one = own(&turns, 1).await;
        assert!(matches!(turns.take(1).await, Counting::TooLate));
        let _two = own(&turns, 2).await;
        // So many are under way on the node.
        assert!(matches!(turns.take(3).await, Counting::TooLate));
        assert_eq!(locked(&turns.counted).len(), 2, "calls that came too late are not remembered");
    }
}
