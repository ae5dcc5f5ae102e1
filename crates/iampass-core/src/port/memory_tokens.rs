//! A lookup table in memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{StoreError, StoreErrorKind, TokenStore, UserKey};
use crate::UserToken;

/// A [`TokenStore`] in memory, for tests and for a single small process.
///
/// It holds as many users as it was made for and refuses more ([`StoreErrorKind::Full`]). Its content is lost with the process, and users
/// would then have to enrol anew: use a store over a database for anything real.
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

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::FutureExt as _;

    /// A store in memory never waits.
    fn done<T>(future: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreErrorKind> {
        future.now_or_never().expect("it waited").map_err(|error| error.kind())
    }

    fn user(key: &str) -> UserKey {
        UserKey::new(key)
    }

    fn token(text: &str) -> UserToken {
        UserToken::new(text).unwrap()
    }

    #[test]
    fn the_table_is_read_both_ways() {
        let store = MemoryTokenStore::new(2);
        assert_eq!(done(store.token_for(&user("1"))), Ok(None));
        assert_eq!(done(store.user_for(&token("a"))), Ok(None));
        assert_eq!(done(store.assign(&user("1"), &token("a"))), Ok(token("a")));
        assert_eq!(done(store.token_for(&user("1"))), Ok(Some(token("a"))));
        assert_eq!(done(store.user_for(&token("a"))), Ok(Some(user("1"))));
    }

    #[test]
    fn the_second_of_two_callers_gets_the_token_of_the_first() {
        let store = MemoryTokenStore::new(2);
        assert_eq!(done(store.assign(&user("1"), &token("a"))), Ok(token("a")));
        assert_eq!(done(store.assign(&user("1"), &token("b"))), Ok(token("a")));
        assert_eq!(done(store.user_for(&token("b"))), Ok(None), "the other candidate means nobody");
    }

    #[test]
    fn callers_on_many_threads_get_the_same_token() {
        let store = MemoryTokenStore::new(2);
        let assign = |number: usize| done(store.assign(&user("1"), &token(&number.to_string()))).unwrap();
        let got: std::collections::BTreeSet<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..16).map(|number| scope.spawn(move || assign(number))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(got.len(), 1);
    }

    #[test]
    fn a_token_stands_for_one_user() {
        let store = MemoryTokenStore::new(3);
        assert!(done(store.assign(&user("1"), &token("a"))).is_ok());
        assert_eq!(done(store.assign(&user("2"), &token("a"))), Err(StoreErrorKind::Conflict));
        assert_eq!(done(store.rotate(&user("2"), &token("a"))), Err(StoreErrorKind::Conflict));
        assert_eq!(done(store.token_for(&user("2"))), Ok(None));
        assert_eq!(done(store.user_for(&token("a"))), Ok(Some(user("1"))));
    }

    #[test]
    fn a_replaced_token_means_nobody_and_can_be_given_again() {
        let store = MemoryTokenStore::new(2);
        assert!(done(store.assign(&user("1"), &token("a"))).is_ok());
        assert_eq!(done(store.rotate(&user("1"), &token("b"))), Ok(()));
        assert_eq!(done(store.rotate(&user("1"), &token("b"))), Ok(()), "twice is as good as once");
        assert_eq!(done(store.user_for(&token("a"))), Ok(None));
        assert_eq!(done(store.user_for(&token("b"))), Ok(Some(user("1"))));
        assert_eq!(done(store.assign(&user("2"), &token("a"))), Ok(token("a")));
    }

    #[test]
    fn a_full_store_refuses_new_users_only() {
        let store = MemoryTokenStore::new(1);
        assert!(done(store.assign(&user("1"), &token("a"))).is_ok());
        assert_eq!(done(store.assign(&user("2"), &token("b"))), Err(StoreErrorKind::Full));
        assert_eq!(done(store.rotate(&user("2"), &token("b"))), Err(StoreErrorKind::Full));
        assert_eq!(done(store.assign(&user("1"), &token("c"))), Ok(token("a")));
        assert_eq!(done(store.rotate(&user("1"), &token("c"))), Ok(()));
        assert_eq!(done(store.remove(&user("1"))), Ok(()));
        assert_eq!(done(store.assign(&user("2"), &token("b"))), Ok(token("b")));
    }

    #[test]
    fn a_removed_user_leaves_nothing_behind() {
        let store = MemoryTokenStore::new(1);
        assert!(done(store.assign(&user("1"), &token("a"))).is_ok());
        for _ in 0..2 {
            assert_eq!(done(store.remove(&user("1"))), Ok(()));
        }
        assert_eq!(done(store.token_for(&user("1"))), Ok(None));
        assert_eq!(done(store.user_for(&token("a"))), Ok(None));
    }
}
