//! Sessions in memory.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use super::{LogoutClaim, LogoutJob, SessionRecord, SessionStore, StoreError, StoreErrorKind};
use crate::{SessionToken, UnixSeconds, UserToken};

/// A [`SessionStore`] in memory, for tests and for a single small process.
///
/// It holds as many sessions as it was made for and refuses more ([`StoreErrorKind::Full`]). It does not survive the
/// process: logouts that are owed then are lost, and those sessions end when their duration is over. No other node sees it.
#[derive(Debug)]
pub struct MemorySessionStore {
    capacity: usize,
    sessions: Mutex<BTreeMap<SessionToken, Held>>,
}

#[derive(Debug)]
struct Held {
    record: SessionRecord,
    claims: u64,
    /// Until when the last claim holds.
    claimed_until: Option<UnixSeconds>,
}

impl MemorySessionStore {
    /// Room for `capacity` sessions of about 1 KiB each.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity, sessions: Mutex::default() }
    }

    /// Each change leaves the table whole, so a panic elsewhere while the lock was held does no harm.
    fn sessions(&self) -> MutexGuard<'_, BTreeMap<SessionToken, Held>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl SessionStore for MemorySessionStore {
    async fn create(&self, record: &SessionRecord) -> Result<(), StoreError> {
        let mut sessions = self.sessions();
        if sessions.contains_key(record.session.token()) {
            return Err(StoreError::new(StoreErrorKind::Conflict));
        }
        if sessions.len() >= self.capacity {
            return Err(StoreError::new(StoreErrorKind::Full));
        }
        let held = Held { record: record.clone(), claims: 0, claimed_until: None };
        sessions.insert(record.session.token().clone(), held);
        Ok(())
    }

    async fn load(&self, token: &SessionToken) -> Result<Option<SessionRecord>, StoreError> {
        Ok(self.sessions().get(token).map(|held| held.record.clone()))
    }

    async fn keep(&self, token: &SessionToken) -> Result<bool, StoreError> {
        Ok(match self.sessions().get_mut(token) {
            Some(held) if held.claims == 0 => {
                held.record.logout_due = None;
                true
            }
            _ => false,
        })
    }

    async fn sessions_of(&self, user: &UserToken, limit: usize) -> Result<Vec<SessionRecord>, StoreError> {
        let sessions = self.sessions();
        let mut found: Vec<_> = sessions
            .values()
            .map(|held| &held.record)
            .filter(|record| record.user == *user && record.logout_due.is_none())
            .collect();
        found.sort_by_key(|record| Reverse(record.started_at));
        Ok(found.into_iter().take(limit).cloned().collect())
    }

    async fn queue_logout(&self, token: &SessionToken, due: UnixSeconds) -> Result<(), StoreError> {
        if let Some(held) = self.sessions().get_mut(token) {
            held.record.logout_due = Some(due);
        }
        Ok(())
    }

    async fn claim_logouts(
        &self,
        now: UnixSeconds,
        lease: Duration,
        limit: usize,
    ) -> Result<Vec<LogoutJob>, StoreError> {
        let mut sessions = self.sessions();
        let due = sessions.values_mut().filter(|held| {
            held.record.logout_due.is_some_and(|due| due <= now)
                && held.claimed_until.is_none_or(|until| until <= now)
        });
        Ok(due
            .take(limit)
            .map(|held| {
                held.claims += 1;
                held.claimed_until = Some(now.plus(lease));
                let claim = LogoutClaim { token: held.record.session.token().clone(), number: held.claims };
                LogoutJob { record: held.record.clone(), claim }
            })
            .collect())
    }

    async fn release_logout(&self, claim: &LogoutClaim, due: UnixSeconds) -> Result<(), StoreError> {
        if let Some(held) = self.sessions().get_mut(&claim.token)
            && held.claims == claim.number
        {
            held.claimed_until = None;
            held.record.logout_due = Some(due);
        }
        Ok(())
    }

    async fn delete(&self, token: &SessionToken) -> Result<(), StoreError> {
        self.sessions().remove(token);
        Ok(())
    }

    async fn purge_expired(&self, now: UnixSeconds, limit: usize) -> Result<usize, StoreError> {
        let mut sessions = self.sessions();
        let expired: Vec<_> = sessions
            .iter()
            .filter(|(_, held)| held.record.expires_at < now)
            .map(|(token, _)| token.clone())
            .take(limit)
            .collect();
        for token in &expired {
            sessions.remove(token);
        }
        Ok(expired.len())
    }
}
