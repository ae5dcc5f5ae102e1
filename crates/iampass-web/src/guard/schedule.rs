//! [`Schedule`]: one task that knows when each of many things has to be woken, in place of a task for each. Belongs here: their order. Does not
//! belong here: what is done with them ([`super::watcher`]).

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use iampass_core::client::Client;
use iampass_core::{Monotonic, Now};
use tokio::sync::mpsc;

/// How many are taken up at a time, so that other tasks have their turn.
const AT_ONCE: usize = 256;

/// Room that is kept however few are waited for.
const LEAST_ROOM: usize = 1_024;

/// Where things are put until they are due.
pub(super) struct Schedule<T>(mpsc::UnboundedSender<Due<T>>);

/// The other end of a [`Schedule`], for its task.
pub(super) struct Waiting<T> {
    coming: mpsc::UnboundedReceiver<Due<T>>,
    heap: BinaryHeap<Reverse<Due<T>>>,
}

/// Something that is to be woken then.
struct Due<T> {
    at: Monotonic,
    what: Arc<T>,
}

impl<T> Schedule<T> {
    pub(super) fn new() -> (Self, Waiting<T>) {
        let (sender, coming) = mpsc::unbounded_channel();
        (Self(sender), Waiting { coming, heap: BinaryHeap::new() })
    }

    /// Whether its task has ended, which it does when its runtime ends or when it panics: nothing is woken any more.
    pub(super) fn has_ended(&self) -> bool {
        self.0.is_closed()
    }

    /// Has it woken then, unless its task has ended.
    pub(super) fn put(&self, what: Arc<T>, at: Monotonic) {
        let _ = self.0.send(Due { at, what });
    }
}

impl<T> Waiting<T> {
    /// Wakes each when it is due, as `wake` does, until the schedule is dropped.
    pub(super) async fn run(mut self, client: Client, wake: impl Fn(Arc<T>, Monotonic, Now)) {
        let mut coming = Vec::new();
        loop {
            self.wake_due(&client, &wake).await;
            let next = self.heap.peek().map_or(Monotonic::NEVER, |Reverse(due)| due.at);
            tokio::select! {
                count = self.coming.recv_many(&mut coming, AT_ONCE) => {
                    if count == 0 {
                        return;
                    }
                    self.heap.extend(coming.drain(..).map(Reverse));
                }
                () = client.sleep_until(next) => {}
            }
        }
    }

    async fn wake_due(&mut self, client: &Client, wake: &impl Fn(Arc<T>, Monotonic, Now)) {
        let mut now = client.now();
        let mut woken = 0;
        while let Some(Reverse(due)) = self.heap.peek()
            && due.at <= now.mono
            && let Some(Reverse(due)) = self.heap.pop()
        {
            wake(due.what, due.at, now);
            woken += 1;
            if woken % AT_ONCE == 0 {
                tokio::task::yield_now().await;
                now = client.now();
            }
        }
        // After a day with many sessions the room for them is given back.
        if self.heap.capacity() > LEAST_ROOM.max(4 * self.heap.len()) {
            self.heap.shrink_to(LEAST_ROOM.max(2 * self.heap.len()));
        }
    }
}

impl<T> PartialEq for Due<T> {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl<T> Eq for Due<T> {}

impl<T> PartialOrd for Due<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Due<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.at.cmp(&other.at)
    }
}
