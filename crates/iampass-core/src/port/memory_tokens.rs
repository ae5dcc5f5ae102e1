//! A lookup table in memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{StoreError, StoreErrorKind, TokenStore, UserKey};
use crate::UserToken;

/// A [`TokenStore`] in memory, for tests and for a single small process.
///
/// It holds as many users as it was made for and refuses more ([`StoreErrorKind::Full`]). What is in it is gone with the
/// process, and users would then have to enrol anew: use a store over a database for anything real.
#[derive(Debug)]
pub struct MemoryTokenStore {
    capacity: usize,
    tables: Mutex<Tables>,
}

#[derive(Debug, Default)]
struct Tables {
    tokens: BTreeMap<UserKey, UserToken>,
    users: BTreeMap<UserToken, UserKey>,
}

impl MemoryTokenStore {
    /// Room for `capacity` users, each of which takes as much memory as its key and token.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity, tables: Mutex::default() }
    }

    /// Each change leaves the tables whole, so a panic elsewhere while the lock was held does no harm.
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    fn put(&mut self, user: &UserKey, token: &UserToken, capacity: usize) -> Result<(), StoreError> {
        if self.users.get(token).is_some_and(|owner| owner != user) {
            return Err(StoreError::new(StoreErrorKind::Conflict));
        }
        if self.tokens.len() >= capacity && !self.tokens.contains_key(user) {
            return Err(StoreError::new(StoreErrorKind::Full));
        }
        if let Some(old) = self.tokens.insert(user.clone(), token.clone()) {
            self.users.remove(&old);
        }
        self.users.insert(token.clone(), user.clone());
        Ok(())
    }
}

#[async_trait]
impl TokenStore for MemoryTokenStore {
    async fn token_for(&self, user: &UserKey) -> Result<Option<UserToken>, StoreError> {
        Ok(self.tables().tokens.get(user).cloned())
    }

    async fn user_for(&self, token: &UserToken) -> Result<Option<UserKey>, StoreError> {
        Ok(self.tables().users.get(token).cloned())
    }

    async fn assign(&self, user: &UserKey, candidate: &UserToken) -> Result<UserToken, StoreError> {
        let mut tables = self.tables();
        if let Some(token) = tables.tokens.get(user) {
            return Ok(token.clone());
        }
        tables.put(user, candidate, self.capacity)?;
        Ok(candidate.clone())
    }

    async fn rotate(&self, user: &UserKey, replacement: &UserToken) -> Result<(), StoreError> {
        self.tables().put(user, replacement, self.capacity)
    }

    async fn remove(&self, user: &UserKey) -> Result<(), StoreError> {
        let mut tables = self.tables();
        if let Some(token) = tables.tokens.remove(user) {
            tables.users.remove(&token);
        }
        Ok(())
    }
}
