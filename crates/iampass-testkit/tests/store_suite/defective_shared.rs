//! Stores of shared entries with deliberate defects. Does not belong here: what the suite says of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use iampass_core::UnixMillis;
use iampass_core::port::{SharedEntry, SharedKey, SharedState, SharedVersion, StoreError};
use iampass_testkit::store_suite::StoreUnderTest;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum SharedDefect {
    None,
    KeysAreFolded,
    UnknownIsSomething,
    ValueIsText,
    EmptyIsNone,
    LongIsCut,
    VersionsAre32Bits,
    TimesAreSeconds,
    InsertOverwrites,
    InsertInTwoSteps,
    SwapIgnoresTheVersion,
    SwapInsertsWhatIsGone,
    SwapKeepsTheExpiry,
    SwapInTwoSteps,
    SwapMixesUpEntries,
    DeleteIgnoresTheVersion,
    DeleteSaysTrueTwice,
    DeleteInTwoSteps,
    VersionsAreCounted,
    ExpiredIsNone,
    ExpiredCanBeInserted,
    FullEvicts,
    PurgeTooEarly,
    PurgeTakesAll,
    PurgeIgnoresLimit,
    PurgeSaysNothing,
    PurgeInTwoSteps,
    PurgeGoesByTheFirstExpiry,
    NodesShareNothing,
}

/// A store of its own, so that each rule can be left out.
pub(crate) struct DefectiveShared {
    entries: Mutex<BTreeMap<String, Stored>>,
    /// The how manieth writing of its entry each version was.
    counts: Mutex<BTreeMap<(String, i64), i64>>,
    defect: SharedDefect,
}

#[derive(Clone)]
struct Stored {
    entry: SharedEntry,
    first_expiry: UnixMillis,
    /// The how manieth writing it is, for a store that counts them instead of drawing versions.
    count: i64,
}

/// The number of entries in a small cache.
const ROOM: usize = 100;

impl DefectiveShared {
    pub(crate) fn new(defect: SharedDefect) -> Self {
        Self { entries: Mutex::default(), counts: Mutex::default(), defect }
    }

    fn is(&self, defect: SharedDefect) -> bool {
        self.defect == defect
    }

    fn key(&self, key: &SharedKey) -> String {
        if self.is(SharedDefect::KeysAreFolded) {
            key.as_str().to_lowercase()
        } else {
            key.as_str().to_owned()
        }
    }

    fn stored(&self, entry: &SharedEntry) -> SharedEntry {
        let mut stored = entry.clone();
        match self.defect {
            SharedDefect::ValueIsText => {
                stored.value = String::from_utf8_lossy(&entry.value).into_owned().into_bytes();
            }
            SharedDefect::LongIsCut => stored.value.truncate(8 * 1024),
            SharedDefect::VersionsAre32Bits => {
                stored.version = SharedVersion::from_number(entry.version.number() & 0xffff_ffff);
            }
            SharedDefect::TimesAreSeconds => {
                stored.expires_at = UnixMillis(entry.expires_at.0 / 1_000 * 1_000)
            }
            _ => {}
        }
        stored
    }

    /// Whether the stored writing is the one that a caller has read.
    fn is_expected(&self, key: &str, stored: Option<&Stored>, expected: Option<SharedVersion>) -> bool {
        match (stored, expected, self.defect) {
            (Some(_), None, SharedDefect::InsertOverwrites) => true,
            (Some(stored), None, SharedDefect::ExpiredCanBeInserted) => stored.entry.expires_at.0 < 1_000,
            (Some(_), Some(_), SharedDefect::SwapIgnoresTheVersion) => true,
            (None, Some(_), SharedDefect::SwapInsertsWhatIsGone) => true,
            // It compares how often the entry was written, so one that was made anew looks like the one before.
            (Some(stored), Some(expected), SharedDefect::VersionsAreCounted) => {
                let counts = self.counts.lock().unwrap();
                counts.get(&(key.to_owned(), expected.number())) == Some(&stored.count)
            }
            _ => stored.map(|stored| stored.entry.version) == expected,
        }
    }

    async fn pause_if(&self, defect: SharedDefect) {
        if self.is(defect) {
            tokio::task::yield_now().await;
        }
    }
}

#[async_trait]
impl SharedState for DefectiveShared {
    async fn load_shared(&self, key: &SharedKey) -> Result<Option<SharedEntry>, StoreError> {
        let entries = self.entries.lock().unwrap();
        let found = entries.get(&self.key(key)).map(|stored| stored.entry.clone());
        Ok(match self.defect {
            SharedDefect::UnknownIsSomething => {
                found.or_else(|| entries.values().next().map(|s| s.entry.clone()))
            }
            SharedDefect::EmptyIsNone => found.filter(|entry| !entry.value.is_empty()),
            SharedDefect::ExpiredIsNone => found.filter(|entry| entry.expires_at.0 >= 1_000),
            _ => found,
        })
    }

    async fn swap_shared(
        &self,
        key: &SharedKey,
        expected: Option<SharedVersion>,
        entry: &SharedEntry,
    ) -> Result<bool, StoreError> {
        let key = self.key(key);
        let in_two_steps = match expected {
            None => SharedDefect::InsertInTwoSteps,
            Some(_) => SharedDefect::SwapInTwoSteps,
        };
        let was_expected = self.is_expected(&key, self.entries.lock().unwrap().get(&key), expected);
        self.pause_if(in_two_steps).await;
        let mut entries = self.entries.lock().unwrap();
        let before = entries.get(&key).cloned();
        if !(if self.is(in_two_steps) {
            was_expected
        } else {
            self.is_expected(&key, before.as_ref(), expected)
        }) {
            return Ok(false);
        }
        let mut stored = Stored {
            entry: self.stored(entry),
            first_expiry: before.as_ref().map_or(entry.expires_at, |before| before.first_expiry),
            count: before.as_ref().map_or(1, |before| before.count + 1),
        };
        if let (Some(before), SharedDefect::SwapKeepsTheExpiry) = (&before, self.defect) {
            stored.entry.expires_at = before.entry.expires_at;
        }
        if self.is(SharedDefect::FullEvicts) && before.is_none() && entries.len() >= ROOM {
            entries.pop_first();
        }
        if self.is(SharedDefect::SwapMixesUpEntries) && before.is_some() {
            for other in entries.values_mut() {
                other.entry = stored.entry.clone();
            }
        }
        self.counts.lock().unwrap().insert((key.clone(), entry.version.number()), stored.count);
        entries.insert(key, stored);
        Ok(true)
    }

    async fn delete_shared(&self, key: &SharedKey, expected: SharedVersion) -> Result<bool, StoreError> {
        let key = self.key(key);
        let is_expected = |stored: Option<&Stored>| match (stored, self.defect) {
            (Some(_), SharedDefect::DeleteIgnoresTheVersion) => true,
            (None, SharedDefect::DeleteSaysTrueTwice) => true,
            _ => self.is_expected(&key, stored, Some(expected)),
        };
        let was_expected = is_expected(self.entries.lock().unwrap().get(&key));
        self.pause_if(SharedDefect::DeleteInTwoSteps).await;
        let mut entries = self.entries.lock().unwrap();
        let in_two_steps = self.is(SharedDefect::DeleteInTwoSteps);
        if !(if in_two_steps { was_expected } else { is_expected(entries.get(&key)) }) {
            return Ok(false);
        }
        entries.remove(&key);
        Ok(true)
    }

    async fn purge_shared(&self, now: UnixMillis, limit: usize) -> Result<usize, StoreError> {
        let early = u64::from(self.is(SharedDefect::PurgeTooEarly));
        let limit = if self.is(SharedDefect::PurgeIgnoresLimit) { usize::MAX } else { limit };
        let expired: Vec<_> = {
            let entries = self.entries.lock().unwrap();
            let expired = entries.iter().filter(|(_, stored)| {
                let expires_at = match self.defect {
                    SharedDefect::PurgeGoesByTheFirstExpiry => stored.first_expiry,
                    _ => stored.entry.expires_at,
                };
                expires_at.0 < now.0 + early || self.is(SharedDefect::PurgeTakesAll)
            });
            expired.map(|(key, _)| key.clone()).take(limit).collect()
        };
        self.pause_if(SharedDefect::PurgeInTwoSteps).await;
        let mut entries = self.entries.lock().unwrap();
        let removed = expired.len();
        for key in &expired {
            entries.remove(key);
        }
        Ok(if self.is(SharedDefect::PurgeSaysNothing) { 0 } else { removed })
    }
}

pub(crate) struct SharedNodes([Arc<DefectiveShared>; 2]);

impl SharedNodes {
    pub(crate) fn new(defect: SharedDefect) -> Self {
        let first = Arc::new(DefectiveShared::new(defect));
        let second = match defect {
            SharedDefect::NodesShareNothing => Arc::new(DefectiveShared::new(defect)),
            _ => first.clone(),
        };
        Self([first, second])
    }
}

#[async_trait]
impl StoreUnderTest<dyn SharedState> for SharedNodes {
    fn node(&self, number: usize) -> Arc<dyn SharedState> {
        self.0[number].clone()
    }
}
