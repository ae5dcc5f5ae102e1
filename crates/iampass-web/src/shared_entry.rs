//! Typed entries of the store that all nodes share. Belongs here: reading one, and changing one without losing another node's change.
//! Does not belong here: what is in an entry.

use iampass_core::client::Client;
use iampass_core::port::{SharedEntry, SharedKey, SharedVersion, StoreError, StoreErrorKind};
use iampass_core::{Draw, UnixMillis};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How often a change is tried that other nodes' changes come before. Each round lets one of them through.
const ROUNDS: usize = 32;

/// How many expired entries make room for a new one in a store that is full.
const ROOM: usize = 1_000;

/// A change to an entry.
pub(crate) enum Change<T, R> {
    /// It holds this from now on, and until then.
    Put { value: T, expires_at: UnixMillis, told: R },
    /// It stays as it is.
    Leave(R),
}

/// The shared entries of one application.
#[derive(Clone)]
pub(crate) struct SharedEntries {
    client: Client,
}

impl SharedEntries {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    pub(crate) fn now(&self) -> UnixMillis {
        self.client.now().unix_millis()
    }

    /// The value of the entry; `None` if there is none or it has expired.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreErrorKind::Unreadable`] for an entry of another form.
    pub(crate) async fn load<T: DeserializeOwned>(&self, key: &SharedKey) -> Result<Option<T>, StoreError> {
        let entry = self.client.shared_state().load_shared(key).await?;
        self.read(entry.as_ref())
    }

    fn read<T: DeserializeOwned>(&self, entry: Option<&SharedEntry>) -> Result<Option<T>, StoreError> {
        match entry {
            Some(entry) if entry.expires_at > self.now() => serde_json::from_slice(&entry.value)
                .map(Some)
                .map_err(|error| StoreError::new(StoreErrorKind::Unreadable).with_source(error)),
            _ => Ok(None),
        }
    }

    /// Changes an entry as `change` says, of what it holds at that moment; `change` is called again when another node was faster.
    ///
    /// # Errors
    /// [`StoreError`]; whether it was changed is not known then. [`StoreErrorKind::Busy`] when others were faster each time.
    pub(crate) async fn update<T, R>(
        &self,
        key: &SharedKey,
        mut change: impl FnMut(Option<T>) -> Change<T, R>,
    ) -> Result<R, StoreError>
    where
        T: Serialize + DeserializeOwned,
    {
        for _ in 0..ROUNDS {
            let stored = self.client.shared_state().load_shared(key).await?;
            let (value, expires_at, told) = match change(self.read(stored.as_ref())?) {
                Change::Leave(told) => return Ok(told),
                Change::Put { value, expires_at, told } => (value, expires_at, told),
            };
            let expected = stored.as_ref().map(|entry| entry.version);
            if self.swap(key, expected, &value, expires_at).await? {
                return Ok(told);
            }
        }
        Err(StoreError::new(StoreErrorKind::Busy))
    }

    /// Makes an entry whose key is new.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreErrorKind::Conflict`] when it is there already.
    pub(crate) async fn insert<T: Serialize>(
        &self,
        key: &SharedKey,
        value: &T,
        expires_at: UnixMillis,
    ) -> Result<(), StoreError> {
        match self.swap(key, None, value, expires_at).await? {
            true => Ok(()),
            false => Err(StoreError::new(StoreErrorKind::Conflict)),
        }
    }

    /// Removes an entry, whatever it holds; one that is not there is no error.
    ///
    /// # Errors
    /// [`StoreError`]; whether it was removed is not known then. [`StoreErrorKind::Busy`] when others changed it each time.
    pub(crate) async fn remove(&self, key: &SharedKey) -> Result<(), StoreError> {
        let store = self.client.shared_state();
        for _ in 0..ROUNDS {
            let Some(entry) = store.load_shared(key).await? else { return Ok(()) };
            if store.delete_shared(key, entry.version).await? {
                return Ok(());
            }
        }
        Err(StoreError::new(StoreErrorKind::Busy))
    }

    async fn swap<T: Serialize>(
        &self,
        key: &SharedKey,
        expected: Option<SharedVersion>,
        value: &T,
        expires_at: UnixMillis,
    ) -> Result<bool, StoreError> {
        let other = |error: serde_json::Error| StoreError::new(StoreErrorKind::Other).with_source(error);
        let value = serde_json::to_vec(value).map_err(other)?;
        let entry = SharedEntry::new(version()?, value, expires_at);
        let store = self.client.shared_state();
        match store.swap_shared(key, expected, &entry).await {
            Err(error) if error.kind() == StoreErrorKind::Full => {
                store.purge_shared(self.now(), ROOM).await?;
                store.swap_shared(key, expected, &entry).await
            }
            result => result,
        }
    }
}

fn version() -> Result<SharedVersion, StoreError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| StoreError::new(StoreErrorKind::Other).with_source(error.to_string()))?;
    Ok(SharedVersion::from_draw(Draw::from_bytes(bytes)))
}
