//! [`NumberedSessions`]: stores that hold nothing. A session's token is its number, and the rest follows from that.

use std::time::Duration;

use async_trait::async_trait;
use iampass_core::port::{
    ClaimOutcome, ClaimedLogouts, LogoutClaim, MemorySharedState, SessionRecord, SessionStore, SharedEntry,
    SharedKey, SharedState, SharedVersion, StoreError, StoreErrorKind, TokenStore, UserKey,
};
use iampass_core::{Secret, Server, Session, SessionToken, UnixMillis, UnixSeconds, UserToken};

use crate::application::{SESSION_SECRET, session_urls};

/// All sessions that there could be, in use.
pub(crate) struct NumberedSessions {
    shared: MemorySharedState,
}

impl Default for NumberedSessions {
    fn default() -> Self {
        Self { shared: MemorySharedState::new(1_000) }
    }
}

fn record(token: &SessionToken) -> Option<SessionRecord> {
    let number = u64::from_str_radix(token.as_str(), 16).ok()?;
    let [status_url, logout_url] = session_urls(token.as_str());
    let server = Server::parse(&status_url).ok()?;
    let session =
        Session::new(token.clone(), Secret::new(SESSION_SECRET), &status_url, &logout_url, &server).ok()?;
    let user = UserToken::new(format!("{number:032x}")).ok()?;
    Some(SessionRecord::new(session, user, UnixSeconds(0), UnixSeconds(u64::from(u32::MAX))))
}

#[async_trait]
impl SharedState for NumberedSessions {
    async fn load_shared(&self, key: &SharedKey) -> Result<Option<SharedEntry>, StoreError> {
        self.shared.load_shared(key).await
    }

    async fn swap_shared(
        &self,
        key: &SharedKey,
        expected: Option<SharedVersion>,
        entry: &SharedEntry,
    ) -> Result<bool, StoreError> {
        self.shared.swap_shared(key, expected, entry).await
    }

    async fn delete_shared(&self, key: &SharedKey, expected: SharedVersion) -> Result<bool, StoreError> {
        self.shared.delete_shared(key, expected).await
    }

    async fn purge_shared(&self, now: UnixMillis, limit: usize) -> Result<usize, StoreError> {
        self.shared.purge_shared(now, limit).await
    }
}

#[async_trait]
impl SessionStore for NumberedSessions {
    async fn create(&self, _: &SessionRecord) -> Result<(), StoreError> {
        Err(StoreError::new(StoreErrorKind::Full))
    }

    async fn load(&self, token: &SessionToken) -> Result<Option<SessionRecord>, StoreError> {
        Ok(record(token))
    }

    async fn claim_session(&self, _: &SessionToken) -> Result<ClaimOutcome, StoreError> {
        Ok(ClaimOutcome::AlreadyClaimed)
    }

    async fn sessions_of(&self, _: &UserToken, _: usize) -> Result<Vec<SessionRecord>, StoreError> {
        Ok(Vec::new())
    }

    async fn queue_logout(&self, _: &SessionToken, _: UnixSeconds) -> Result<(), StoreError> {
        Ok(())
    }

    async fn request_logout(&self, _: &SessionToken) -> Result<(), StoreError> {
        Ok(())
    }

    async fn claim_logouts(
        &self,
        _: UnixSeconds,
        _: Duration,
        _: usize,
    ) -> Result<ClaimedLogouts, StoreError> {
        Ok(ClaimedLogouts::default())
    }

    async fn release_logout(&self, _: &LogoutClaim, _: UnixSeconds) -> Result<(), StoreError> {
        Ok(())
    }

    async fn delete(&self, _: &SessionToken) -> Result<(), StoreError> {
        Ok(())
    }

    async fn purge_expired(&self, _: UnixSeconds, _: usize) -> Result<usize, StoreError> {
        Ok(0)
    }
}

#[async_trait]
impl TokenStore for NumberedSessions {
    async fn token_for(&self, _: &UserKey) -> Result<Option<UserToken>, StoreError> {
        Ok(None)
    }

    async fn user_for(&self, token: &UserToken) -> Result<Option<UserKey>, StoreError> {
        Ok(u64::from_str_radix(token.as_str(), 16).ok().map(UserKey::from))
    }

    async fn assign(&self, _: &UserKey, _: &UserToken) -> Result<UserToken, StoreError> {
        Err(StoreError::new(StoreErrorKind::Full))
    }

    async fn rotate(&self, _: &UserKey, _: &UserToken) -> Result<(), StoreError> {
        Ok(())
    }

    async fn remove(&self, _: &UserKey) -> Result<(), StoreError> {
        Ok(())
    }
}
