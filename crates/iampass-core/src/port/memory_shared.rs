//! Shared entries in memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{SharedEntry, SharedKey, SharedState, SharedVersion, StoreError, StoreErrorKind};
use crate::UnixMillis;

/// A [`SharedState`] in memory, for tests and for a single process: no other node sees it, and it does not survive the process.
///
/// It holds as many entries as it was made for and refuses more ([`StoreErrorKind::Full`]). It never drops one to make room: what
/// protects a name could be pushed out otherwise.
#[derive(Debug)]
pub struct MemorySharedState {
    capacity: usize,
    entries: Mutex<BTreeMap<SharedKey, SharedEntry>>,
}

impl MemorySharedState {
    /// Room for `capacity` entries of about 300 bytes each.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity, entries: Mutex::default() }
    }

    /// Each change leaves the table whole, so a panic elsewhere while the lock was held does no harm.
    fn entries(&self) -> MutexGuard<'_, BTreeMap<SharedKey, SharedEntry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl SharedState for MemorySharedState {
    async fn load_shared(&self, key: &SharedKey) -> Result<Option<SharedEntry>, StoreError> {
        Ok(self.entries().get(key).cloned())
    }

    async fn swap_shared(
        &self,
        key: &SharedKey,
        expected: Option<SharedVersion>,
        entry: &SharedEntry,
    ) -> Result<bool, StoreError> {
        let mut entries = self.entries();
        if entries.get(key).map(|stored| stored.version) != expected {
            return Ok(false);
        }
        if expected.is_none() && entries.len() >= self.capacity {
            return Err(StoreError::new(StoreErrorKind::Full));
        }
        entries.insert(key.clone(), entry.clone());
        Ok(true)
    }

    async fn delete_shared(&self, key: &SharedKey, expected: SharedVersion) -> Result<bool, StoreError> {
        let mut entries = self.entries();
        if entries.get(key).map(|stored| stored.version) != Some(expected) {
            return Ok(false);
        }
        entries.remove(key);
        Ok(true)
    }

    async fn purge_shared(&self, now: UnixMillis, limit: usize) -> Result<usize, StoreError> {
        let mut entries = self.entries();
        let expired: Vec<_> = entries
            .iter()
            .filter(|(_, entry)| entry.expires_at < now)
            .map(|(key, _)| key.clone())
            .take(limit)
            .collect();
        for key in &expired {
            entries.remove(key);
        }
        Ok(expired.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::FutureExt as _;

    /// A store in memory never waits.
    fn done<T>(future: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreErrorKind> {
        future.now_or_never().expect("it waited").map_err(|error| error.kind())
    }

    fn key(name: &str) -> SharedKey {
        SharedKey::new("test", name.as_bytes())
    }

    fn version(number: i64) -> SharedVersion {
        SharedVersion::from_number(number)
    }

    fn entry(number: i64, expires_at: u64) -> SharedEntry {
        SharedEntry::new(version(number), b"value".to_vec(), UnixMillis(expires_at))
    }

    #[test]
    fn an_entry_is_replaced_only_if_it_is_still_the_one_that_was_read() {
        let store = MemorySharedState::new(10);
        assert_eq!(done(store.load_shared(&key("a"))), Ok(None));
        assert_eq!(done(store.swap_shared(&key("a"), Some(version(1)), &entry(2, 10))), Ok(false));
        assert_eq!(done(store.swap_shared(&key("a"), None, &entry(1, 10))), Ok(true));
        assert_eq!(done(store.swap_shared(&key("a"), None, &entry(2, 10))), Ok(false));
        assert_eq!(done(store.swap_shared(&key("a"), Some(version(7)), &entry(2, 10))), Ok(false));
        assert_eq!(done(store.load_shared(&key("a"))), Ok(Some(entry(1, 10))));
        assert_eq!(done(store.swap_shared(&key("a"), Some(version(1)), &entry(2, 20))), Ok(true));
        assert_eq!(done(store.load_shared(&key("a"))), Ok(Some(entry(2, 20))));
        assert_eq!(done(store.delete_shared(&key("a"), version(1))), Ok(false));
        assert_eq!(done(store.delete_shared(&key("a"), version(2))), Ok(true));
        assert_eq!(done(store.load_shared(&key("a"))), Ok(None));
    }

    #[test]
    fn a_full_store_refuses_new_entries_and_drops_none() {
        let store = MemorySharedState::new(1);
        assert_eq!(done(store.swap_shared(&key("a"), None, &entry(1, 10))), Ok(true));
        assert_eq!(done(store.swap_shared(&key("b"), None, &entry(1, 10))), Err(StoreErrorKind::Full));
        assert_eq!(done(store.swap_shared(&key("a"), Some(version(1)), &entry(2, 10))), Ok(true));
        assert_eq!(done(store.purge_shared(UnixMillis(10), 10)), Ok(0), "one that expires now stays");
        assert_eq!(done(store.purge_shared(UnixMillis(11), 10)), Ok(1));
        assert_eq!(done(store.swap_shared(&key("b"), None, &entry(1, 10))), Ok(true));
    }
}
