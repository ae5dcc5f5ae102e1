//! Sessions in memory.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use super::{
    ClaimOutcome, ClaimedLogouts, LOGOUT_REQUESTED, LogoutClaim, LogoutJob, MemorySharedState, SessionRecord,
    SessionStore, SharedEntry, SharedKey, SharedState, SharedVersion, StoreError, StoreErrorKind,
};
use crate::{SessionToken, UnixMillis, UnixSeconds, UserToken};

/// A [`SessionStore`] in memory, for tests and for a single small process.
///
/// It holds as many sessions as it was made for and refuses more ([`StoreErrorKind::Full`]). It does not survive the
/// process: logouts that are owed then are lost, and those sessions end when their duration is over. No other node sees it.
#[derive(Debug)]
pub struct MemorySessionStore {
    capacity: usize,
    sessions: Mutex<BTreeMap<SessionToken, Held>>,
    shared: MemorySharedState,
}

#[derive(Debug)]
struct Held {
    record: SessionRecord,
    claims: u64,
    /// Until when the last claim holds.
    claimed_until: Option<UnixSeconds>,
}

impl Held {
    /// Whether its logout was requested or ever claimed, so that nothing takes it back.
    fn must_end(&self) -> bool {
        self.claims > 0 || self.record.is_logout_requested()
    }
}

impl MemorySessionStore {
    /// Room for `capacity` sessions of about 1 KiB each, and for ten times as many shared entries of about 300 bytes.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        let shared = MemorySharedState::new(capacity.saturating_mul(10));
        Self { capacity, sessions: Mutex::default(), shared }
    }

    /// Each change leaves the table whole, so a panic elsewhere while the lock was held does no harm.
    fn sessions(&self) -> MutexGuard<'_, BTreeMap<SessionToken, Held>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl SharedState for MemorySessionStore {
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

    async fn set_user(
        &self,
        token: &SessionToken,
        before: &UserToken,
        user: &UserToken,
    ) -> Result<bool, StoreError> {
        let mut sessions = self.sessions();
        let Some(held) = sessions.get_mut(token) else { return Ok(false) };
        let is_under_way = !held.must_end() && held.record.logout_due.is_some();
        if is_under_way && held.record.user == *before {
            held.record.user = user.clone();
        }
        Ok(is_under_way && held.record.user == *user)
    }

    async fn claim_session(&self, token: &SessionToken) -> Result<ClaimOutcome, StoreError> {
        Ok(match self.sessions().get_mut(token) {
            Some(held) if !held.must_end() => match held.record.logout_due.take() {
                Some(_) => ClaimOutcome::Claimed,
                None => ClaimOutcome::AlreadyClaimed,
            },
            _ => ClaimOutcome::Rejected,
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
        if let Some(held) = self.sessions().get_mut(token)
            && !held.must_end()
        {
            held.record.logout_due = Some(due.max(LOGOUT_REQUESTED.plus(Duration::from_secs(1))));
        }
        Ok(())
    }

    async fn request_logout(&self, token: &SessionToken) -> Result<(), StoreError> {
        if let Some(held) = self.sessions().get_mut(token) {
            held.record.logout_due = Some(LOGOUT_REQUESTED);
        }
        Ok(())
    }

    async fn claim_logouts(
        &self,
        now: UnixSeconds,
        lease: Duration,
        limit: usize,
    ) -> Result<ClaimedLogouts, StoreError> {
        let mut sessions = self.sessions();
        let due = sessions.values_mut().filter(|held| {
            held.record.logout_due.is_some_and(|due| due <= now)
                && held.claimed_until.is_none_or(|until| until <= now)
        });
        let jobs = due.take(limit).map(|held| {
            held.claims += 1;
            held.claimed_until = Some(now.plus(lease));
            let claim = LogoutClaim { token: held.record.session.token().clone(), number: held.claims };
            LogoutJob { record: held.record.clone(), claim }
        });
        Ok(ClaimedLogouts::new(jobs.collect(), 0))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Secret, Server, Session};
    use futures_util::future::FutureExt as _;

    const LEASE: Duration = Duration::from_secs(30);

    /// A store in memory never waits.
    fn done<T>(future: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreErrorKind> {
        future.now_or_never().expect("it waited").map_err(|error| error.kind())
    }

    fn token(text: &str) -> SessionToken {
        SessionToken::new(text).unwrap()
    }

    fn at(seconds: u64) -> UnixSeconds {
        UnixSeconds(1_000 + seconds)
    }

    fn record(name: &str, user: &str, started: u64) -> SessionRecord {
        let server = Server::parse("https://login.example").unwrap();
        let (status, logout) = ("https://login.example/s", "https://login.example/l");
        let session = Session::new(token(name), Secret::new("key"), status, logout, &server).unwrap();
        SessionRecord::new(session, UserToken::new(user).unwrap(), at(started), at(started + 100))
    }

    fn store_with(records: &[SessionRecord]) -> MemorySessionStore {
        let store = MemorySessionStore::new(10);
        for record in records {
            assert_eq!(done(store.create(record)), Ok(()));
        }
        store
    }

    /// A store with one session, whose logout is due at 10.
    fn store_with_due() -> MemorySessionStore {
        store_with(&[record("a", "u", 0).with_logout_due(at(10))])
    }

    fn claim(store: &MemorySessionStore, now: u64) -> Vec<LogoutClaim> {
        let claimed = done(store.claim_logouts(at(now), LEASE, 10)).unwrap();
        claimed.jobs.into_iter().map(|job| job.claim).collect()
    }

    fn names(records: Vec<SessionRecord>) -> Vec<String> {
        records.into_iter().map(|record| record.session.token().to_string()).collect()
    }

    #[test]
    fn a_session_is_stored_once() {
        let store = store_with(&[record("a", "u", 0)]);
        assert_eq!(done(store.create(&record("a", "v", 0))), Err(StoreErrorKind::Conflict));
        let loaded = done(store.load(&token("a"))).unwrap().unwrap();
        assert_eq!((loaded.user.as_str(), loaded.expires_at), ("u", at(100)));
        assert!(done(store.load(&token("b"))).unwrap().is_none());
    }

    #[test]
    fn a_full_store_refuses_more_until_there_is_room() {
        let store = MemorySessionStore::new(2);
        for name in ["a", "b"] {
            assert_eq!(done(store.create(&record(name, "u", 0))), Ok(()));
        }
        assert_eq!(done(store.create(&record("c", "u", 0))), Err(StoreErrorKind::Full));
        assert_eq!(done(store.delete(&token("a"))), Ok(()));
        assert_eq!(done(store.create(&record("c", "u", 0))), Ok(()));
    }

    #[test]
    fn a_kept_session_is_owed_no_logout() {
        let store = store_with_due();
        assert_eq!(done(store.claim_session(&token("a"))), Ok(ClaimOutcome::Claimed));
        assert_eq!(done(store.claim_session(&token("a"))), Ok(ClaimOutcome::AlreadyClaimed));
        assert!(claim(&store, 1_000).is_empty());
        assert_eq!(
            done(store.claim_session(&token("b"))),
            Ok(ClaimOutcome::Rejected),
            "one that is not there cannot be kept"
        );
    }

    #[test]
    fn a_session_is_not_kept_once_its_logout_was_claimed() {
        let store = store_with_due();
        let [held] = claim(&store, 10).try_into().unwrap();
        assert_eq!(done(store.claim_session(&token("a"))), Ok(ClaimOutcome::Rejected));
        assert_eq!(done(store.release_logout(&held, at(20))), Ok(()));
        assert_eq!(
            done(store.claim_session(&token("a"))),
            Ok(ClaimOutcome::Rejected),
            "the logout may have been delivered"
        );
        assert_eq!(claim(&store, 20).len(), 1);
    }

    #[test]
    fn a_logout_is_claimed_when_it_is_due_and_by_one_only() {
        let store = store_with_due();
        assert!(claim(&store, 9).is_empty());
        assert_eq!(claim(&store, 10).len(), 1);
        assert!(claim(&store, 10).is_empty());
        assert!(claim(&store, 39).is_empty());
    }

    #[test]
    fn a_claim_whose_lease_is_over_is_taken_over() {
        let store = store_with_due();
        let [dead] = claim(&store, 10).try_into().unwrap();
        let [heir] = claim(&store, 40).try_into().unwrap();
        assert_ne!(dead, heir);
    }

    #[test]
    fn a_stale_claim_gives_nothing_back() {
        let store = store_with_due();
        let [dead] = claim(&store, 10).try_into().unwrap();
        let [heir] = claim(&store, 40).try_into().unwrap();
        assert_eq!(done(store.release_logout(&dead, at(41))), Ok(()));
        assert!(claim(&store, 41).is_empty(), "the heir still holds it");
        assert_eq!(done(store.release_logout(&heir, at(50))), Ok(()));
        assert!(claim(&store, 49).is_empty());
        assert_eq!(claim(&store, 50).len(), 1);
    }

    #[test]
    fn no_more_are_claimed_than_asked_for() {
        let due = |name| record(name, "u", 0).with_logout_due(at(0));
        let store = store_with(&[due("a"), due("b"), due("c")]);
        assert_eq!(done(store.claim_logouts(at(0), LEASE, 2)).unwrap().jobs.len(), 2);
        assert_eq!(done(store.claim_logouts(at(0), LEASE, 2)).unwrap().jobs.len(), 1);
    }

    #[test]
    fn a_queued_logout_becomes_due() {
        let store = store_with(&[record("a", "u", 0)]);
        assert!(claim(&store, 90).is_empty());
        assert_eq!(done(store.queue_logout(&token("a"), at(20))), Ok(()));
        assert_eq!(
            done(store.queue_logout(&token("b"), at(20))),
            Ok(()),
            "one that is not there is no error"
        );
        assert!(claim(&store, 19).is_empty());
        assert_eq!(claim(&store, 20).len(), 1);
    }

    #[test]
    fn a_requested_logout_is_due_at_once_and_is_not_taken_back() {
        let store = store_with(&[record("a", "u", 0).with_logout_due(at(50))]);
        assert_eq!(done(store.request_logout(&token("a"))), Ok(()));
        assert_eq!(done(store.request_logout(&token("b"))), Ok(()), "one that is not there is no error");
        assert_eq!(done(store.claim_session(&token("a"))), Ok(ClaimOutcome::Rejected));
        assert_eq!(done(store.queue_logout(&token("a"), at(90))), Ok(()));
        let claimed = done(store.claim_logouts(UnixSeconds(0), LEASE, 10)).unwrap();
        assert_eq!(claimed.jobs.len(), 1, "a clock that stands at zero is right as well");
        assert_eq!(done(store.claim_session(&token("a"))), Ok(ClaimOutcome::Rejected));
    }

    #[test]
    fn a_users_sessions_come_newest_first_without_those_that_end() {
        let store = store_with(&[
            record("a", "u", 1),
            record("b", "u", 3),
            record("c", "u", 2),
            record("d", "v", 4),
            record("e", "u", 5).with_logout_due(at(90)),
        ]);
        let user = UserToken::new("u").unwrap();
        assert_eq!(names(done(store.sessions_of(&user, 10)).unwrap()), ["b", "c", "a"]);
        assert_eq!(names(done(store.sessions_of(&user, 2)).unwrap()), ["b", "c"]);
    }

    #[test]
    fn what_has_expired_is_purged_in_parts_and_nothing_else() {
        let store = store_with(&[
            record("a", "u", 0),
            record("b", "u", 0).with_logout_due(at(10)),
            record("c", "u", 1),
        ]);
        assert_eq!(done(store.purge_expired(at(100), 10)), Ok(0), "at its very end it may still be there");
        assert_eq!(done(store.purge_expired(at(101), 1)), Ok(1));
        assert_eq!(done(store.purge_expired(at(101), 10)), Ok(1));
        assert!(done(store.load(&token("c"))).unwrap().is_some());
    }

    #[test]
    fn a_deleted_session_is_gone_and_so_is_its_logout() {
        let store = store_with_due();
        let [held] = claim(&store, 10).try_into().unwrap();
        for _ in 0..2 {
            assert_eq!(done(store.delete(&token("a"))), Ok(()));
        }
        assert_eq!(done(store.release_logout(&held, at(20))), Ok(()));
        assert!(claim(&store, 1_000).is_empty());
    }
}
