//! Room for pages of the Console that listen: so many on one node, and so many of one account, so that none takes it from the others.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use iampass_server_storage::AccountKey;

/// The pages on one node that may listen at a time. A browser that finds no room shows the page as it was loaded.
const ON_A_NODE: usize = 1_000;

/// The pages of one account among them. The windows of a browser share the stream of a page.
const OF_AN_ACCOUNT: usize = 24;

/// The room of one node.
#[derive(Clone, Debug)]
pub struct StreamRoom {
    places: usize,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    in_all: usize,
    of_account: BTreeMap<i64, usize>,
}

/// One page's place, until it is dropped.
pub(crate) struct StreamPlace {
    account: i64,
    taken: Arc<Mutex<Taken>>,
}

impl StreamRoom {
    /// For so many pages at most.
    #[must_use]
    pub fn of(most: usize) -> Self {
        Self { places: most.min(ON_A_NODE), taken: Arc::default() }
    }

    /// A place for a page of this account. `None`: there is no room.
    pub(crate) fn take(&self, account: AccountKey) -> Option<StreamPlace> {
        let mut taken = locked(&self.taken);
        let of_account = taken.of_account.get(&account.0).copied().unwrap_or_default();
        if taken.in_all >= self.places || of_account >= OF_AN_ACCOUNT {
            return None;
        }
        taken.in_all += 1;
        taken.of_account.insert(account.0, of_account + 1);
        drop(taken);
        Some(StreamPlace { account: account.0, taken: Arc::clone(&self.taken) })
    }
}

impl Drop for StreamPlace {
    fn drop(&mut self) {
        let mut taken = locked(&self.taken);
        taken.in_all = taken.in_all.saturating_sub(1);
        if let Some(of_account) = taken.of_account.get_mut(&self.account) {
            *of_account = of_account.saturating_sub(1);
            if *of_account == 0 {
                taken.of_account.remove(&self.account);
            }
        }
    }
}

fn locked(taken: &Mutex<Taken>) -> MutexGuard<'_, Taken> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_account_leaves_room_for_the_others() {
        let room = StreamRoom::of(30);
        let mut of_one: Vec<_> = (0..OF_AN_ACCOUNT).map(|_| room.take(AccountKey(1)).unwrap()).collect();
        assert!(room.take(AccountKey(1)).is_none());
        let of_others: Vec<_> = (2..8).map(|account| room.take(AccountKey(account)).unwrap()).collect();
        assert!(room.take(AccountKey(8)).is_none(), "all of it is taken");
        of_one.pop();
        assert!(room.take(AccountKey(1)).is_some() && room.take(AccountKey(8)).is_some());
        drop((of_one, of_others));
        let taken = locked(&room.taken);
        assert!(taken.in_all == 0 && taken.of_account.is_empty());
    }
}
