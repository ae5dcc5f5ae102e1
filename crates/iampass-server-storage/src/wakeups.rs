//! Waking those who wait for something to happen to a user: phones that wait for a question or for its withdrawal.
//!
//! Belongs here: the tasks that wait for a user. Does not belong here: the changes; a woken task reads the store again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

use super::UserKey;

/// Waiters by user. An entry lives only while somebody waits.
#[derive(Debug, Default)]
pub(crate) struct Wakeups {
    waiting: Mutex<HashMap<UserKey, watch::Sender<()>>>,
    /// For those who want to know of everybody.
    any: watch::Sender<()>,
}

impl Wakeups {
    /// Begins to listen. Listen first and read the store after, so that nothing is missed in between.
    pub(crate) fn listen(&self, user: UserKey) -> watch::Receiver<()> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.entry(user).or_insert_with(|| watch::Sender::new(())).subscribe()
    }

    /// Begins to listen for events of all users. A woken listener waits a little before the next look: many may come at once.
    pub(crate) fn listen_to_all(&self) -> watch::Receiver<()> {
        self.any.subscribe()
    }

    /// Something has happened to this user, and is stored.
    pub(crate) fn wake(&self, user: UserKey) {
        self.any.send_replace(());
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = waiting.get(&user) {
            if sender.receiver_count() == 0 {
                waiting.remove(&user);
            } else {
                sender.send_replace(());
            }
        }
    }

    /// Something may have happened to anybody.
    pub(crate) fn wake_all(&self) {
        self.any.send_replace(());
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.values().for_each(|sender| sender.send_replace(()));
    }

    /// Forgets users without waiting tasks.
    pub(crate) fn sweep(&self) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, sender| sender.receiver_count() > 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_listens_is_woken_and_nobody_else() {
        let wakeups = Wakeups::default();
        let (ann, bob) = (wakeups.listen(UserKey(1)), wakeups.listen(UserKey(2)));
        wakeups.wake(UserKey(1));
        assert!(ann.has_changed().unwrap());
        assert!(!bob.has_changed().unwrap());
    }

    #[test]
    fn who_listens_to_all_hears_of_everybody() {
        let wakeups = Wakeups::default();
        let mut all = wakeups.listen_to_all();
        wakeups.wake(UserKey(7));
        assert!(all.has_changed().unwrap());
        all.mark_unchanged();
        wakeups.wake_all();
        assert!(all.has_changed().unwrap());
    }

    #[test]
    fn nothing_is_kept_for_those_who_left() {
        let wakeups = Wakeups::default();
        drop(wakeups.listen(UserKey(1)));
        drop(wakeups.listen(UserKey(2)));
        wakeups.wake(UserKey(1));
        wakeups.sweep();
        assert!(wakeups.waiting.lock().unwrap().is_empty());
    }
}
