//! A token table of another kind: keys are numbers, and a user must be there before it has a token.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use iampass_core::UserToken;
use iampass_core::port::{BoxError, MemoryTokenStore, StoreError, StoreErrorKind, TokenStore, UserKey};
use iampass_testkit::store_suite::{HookOutcome, KeyKind, StoreUnderTest};

/// Keys are numbers, and a user must be there before it has a token.
pub(crate) struct Numbered {
    inner: Arc<MemoryTokenStore>,
    users: Arc<Mutex<Vec<UserKey>>>,
}

impl Default for Numbered {
    fn default() -> Self {
        Self { inner: Arc::new(MemoryTokenStore::new(1_000)), users: Arc::default() }
    }
}

struct ForeignKey {
    inner: Arc<MemoryTokenStore>,
    users: Arc<Mutex<Vec<UserKey>>>,
}

impl ForeignKey {
    fn check(&self, user: &UserKey) -> Result<(), StoreError> {
        let number: i32 = user.as_str().parse().map_err(|_| StoreError::new(StoreErrorKind::InvalidKey))?;
        if number.to_string() != user.as_str() {
            return Err(StoreError::new(StoreErrorKind::InvalidKey));
        }
        Ok(())
    }
}

#[async_trait]
impl TokenStore for ForeignKey {
    async fn token_for(&self, user: &UserKey) -> Result<Option<UserToken>, StoreError> {
        self.check(user)?;
        self.inner.token_for(user).await
    }

    async fn user_for(&self, token: &UserToken) -> Result<Option<UserKey>, StoreError> {
        self.inner.user_for(token).await
    }

    async fn assign(&self, user: &UserKey, candidate: &UserToken) -> Result<UserToken, StoreError> {
        self.check(user)?;
        if !self.users.lock().unwrap().contains(user) {
            return Err(StoreError::new(StoreErrorKind::InvalidKey));
        }
        self.inner.assign(user, candidate).await
    }

    async fn rotate(&self, user: &UserKey, replacement: &UserToken) -> Result<(), StoreError> {
        self.check(user)?;
        if !self.users.lock().unwrap().contains(user) {
            return Err(StoreError::new(StoreErrorKind::InvalidKey));
        }
        self.inner.rotate(user, replacement).await
    }

    async fn remove(&self, user: &UserKey) -> Result<(), StoreError> {
        self.check(user)?;
        self.inner.remove(user).await
    }
}

#[async_trait]
impl StoreUnderTest<dyn TokenStore> for Numbered {
    fn node(&self, _number: usize) -> Arc<dyn TokenStore> {
        Arc::new(ForeignKey { inner: self.inner.clone(), users: self.users.clone() })
    }

    fn user_key(&self, number: u32) -> UserKey {
        UserKey::from(number + 40)
    }

    fn key_kind(&self) -> KeyKind {
        KeyKind::Other
    }

    async fn add_user(&self, user: &UserKey) -> Result<(), BoxError> {
        self.users.lock().unwrap().push(user.clone());
        Ok(())
    }

    async fn delete_user(&self, user: &UserKey) -> Result<HookOutcome, BoxError> {
        self.users.lock().unwrap().retain(|other| other != user);
        self.inner.remove(user).await?;
        Ok(HookOutcome::Done)
    }
}
