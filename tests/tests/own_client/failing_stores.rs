//! A session store that fails: it grants no access (law 1), and no session is left behind (law 2).

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use iampass_core::client::{Authentication, Client, LogoutReceipt};
use iampass_core::machine::{Denial, LoginEvent, LoginOptions, LoginOutcome};
use iampass_core::port::{
    ClaimOutcome, ClaimedLogouts, LogoutClaim, MemorySessionStore, SessionRecord, SessionStore, SharedEntry,
    SharedKey, SharedState, SharedVersion, StoreError, StoreErrorKind,
};
use iampass_core::wire::SessionStatus;
use iampass_core::{Error, Session, SessionToken, UnixMillis, UnixSeconds, UserToken};
use iampass_testkit::{ManualClock, TestService};

use crate::rig::{Rig, SOON};

/// The fault that occurs.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Fault {
    None,
    CreateFails,
    /// It is stored, but the caller is not told, until it asks again.
    CreateHangsOnce,
    LoadFails,
    KeepFails,
    KeepComesTooLate,
    SomeAreUnreadable,
}

struct FaultyStore {
    store: MemorySessionStore,
    fault: AtomicU8,
}

impl FaultyStore {
    fn new(fault: Fault) -> Arc<Self> {
        Arc::new(Self { store: MemorySessionStore::new(100), fault: AtomicU8::new(fault as u8) })
    }

    fn has(&self, fault: Fault) -> bool {
        self.fault.load(Ordering::Relaxed) == fault as u8
    }
}

fn unavailable<T>() -> Result<T, StoreError> {
    Err(StoreError::new(StoreErrorKind::Unavailable))
}

#[async_trait]
impl SharedState for FaultyStore {
    async fn load_shared(&self, key: &SharedKey) -> Result<Option<SharedEntry>, StoreError> {
        self.store.load_shared(key).await
    }

    async fn swap_shared(
        &self,
        key: &SharedKey,
        expected: Option<SharedVersion>,
        entry: &SharedEntry,
    ) -> Result<bool, StoreError> {
        self.store.swap_shared(key, expected, entry).await
    }

    async fn delete_shared(&self, key: &SharedKey, expected: SharedVersion) -> Result<bool, StoreError> {
        self.store.delete_shared(key, expected).await
    }

    async fn purge_shared(&self, now: UnixMillis, limit: usize) -> Result<usize, StoreError> {
        self.store.purge_shared(now, limit).await
    }
}

#[async_trait]
impl SessionStore for FaultyStore {
    async fn create(&self, record: &SessionRecord) -> Result<(), StoreError> {
        if self.has(Fault::CreateFails) {
            return unavailable();
        }
        let created = self.store.create(record).await;
        if self.has(Fault::CreateHangsOnce) {
            self.fault.store(Fault::None as u8, Ordering::Relaxed);
            std::future::pending::<()>().await;
        }
        created
    }

    async fn load(&self, token: &SessionToken) -> Result<Option<SessionRecord>, StoreError> {
        if self.has(Fault::LoadFails) {
            return unavailable();
        }
        self.store.load(token).await
    }

    async fn set_user(
        &self,
        token: &SessionToken,
        before: &UserToken,
        user: &UserToken,
    ) -> Result<bool, StoreError> {
        self.store.set_user(token, before, user).await
    }
    async fn claim_session(&self, token: &SessionToken) -> Result<ClaimOutcome, StoreError> {
        if self.has(Fault::KeepFails) {
            return unavailable();
        }
        if self.has(Fault::KeepComesTooLate) {
            return Ok(ClaimOutcome::Rejected);
        }
        self.store.claim_session(token).await
    }

    async fn sessions_of(&self, user: &UserToken, limit: usize) -> Result<Vec<SessionRecord>, StoreError> {
        self.store.sessions_of(user, limit).await
    }

    async fn queue_logout(&self, token: &SessionToken, due: UnixSeconds) -> Result<(), StoreError> {
        self.store.queue_logout(token, due).await
    }

    async fn request_logout(&self, token: &SessionToken) -> Result<(), StoreError> {
        self.store.request_logout(token).await
    }

    async fn claim_logouts(
        &self,
        now: UnixSeconds,
        lease: Duration,
        limit: usize,
    ) -> Result<ClaimedLogouts, StoreError> {
        let mut claimed = self.store.claim_logouts(now, lease, limit).await?;
        if self.has(Fault::SomeAreUnreadable) {
            // Until their lease is over.
            self.fault.store(Fault::None as u8, Ordering::Relaxed);
            claimed.unreadable = 2;
        }
        Ok(claimed)
    }

    async fn release_logout(&self, claim: &LogoutClaim, due: UnixSeconds) -> Result<(), StoreError> {
        self.store.release_logout(claim, due).await
    }

    async fn delete(&self, token: &SessionToken) -> Result<(), StoreError> {
        self.store.delete(token).await
    }

    async fn purge_expired(&self, now: UnixSeconds, limit: usize) -> Result<usize, StoreError> {
        self.store.purge_expired(now, limit).await
    }
}

/// A rig whose client has this store.
async fn with(store: &Arc<FaultyStore>) -> Rig {
    let mut rig = Rig::start().await;
    rig.client = rig.service.client_builder().session_store(store.clone()).build().unwrap();
    rig
}

/// Logs in on a phone that accepts, and tells which session it was and how it ended.
async fn log_in(rig: &Rig) -> (Session, Result<LoginOutcome, Error>) {
    let (user, phone) = rig.user_with_phone().await;
    let mut login = rig.client.login(&user, LoginOptions::default()).unwrap();
    let phone = tokio::spawn(async move { phone.accept_next(SOON).await });
    let mut session = None;
    loop {
        match login.next().await.unwrap() {
            LoginEvent::Started(started) => session = Some(started.session),
            LoginEvent::Finished(end) => {
                phone.abort();
                return (session.unwrap(), end);
            }
            _ => {}
        }
    }
}

async fn status(client: &Client, session: &Session) -> SessionStatus {
    client.status(session).await.unwrap()
}

#[tokio::test]
async fn a_session_that_cannot_be_stored_is_ended_at_once() {
    let rig = with(&FaultyStore::new(Fault::CreateFails)).await;
    let (session, end) = log_in(&rig).await;
    assert!(matches!(end, Err(Error::Store(_))), "{end:?}");
    assert!(status(&rig.client, &session).await.is_ended());
}

#[tokio::test]
async fn a_session_that_cannot_be_kept_lets_nobody_in_and_is_ended_later() {
    let store = FaultyStore::new(Fault::KeepFails);
    let rig = with(&store).await;
    let (session, end) = log_in(&rig).await;
    assert!(matches!(end, Err(Error::Store(_))), "{end:?}");
    let record = store.load(session.token()).await.unwrap().expect("its logout is still queued");
    let due = record.logout_due.expect("its logout is still queued");
    let claimed = store.claim_logouts(due, Duration::from_secs(1), 10).await.unwrap();
    assert_eq!(claimed.jobs.len(), 1);
}

/// A key that was taken out of the key ring: nothing can be done with those, and somebody is told.
#[tokio::test]
async fn logouts_that_cannot_be_read_are_counted() {
    let store = FaultyStore::new(Fault::None);
    let rig = with(&store).await;
    let (user, phone) = rig.user_with_phone().await;
    let granted = rig.granted(&user, &phone).await;
    store.request_logout(granted.session.token()).await.unwrap();
    store.fault.store(Fault::SomeAreUnreadable as u8, Ordering::Relaxed);
    let delivery = rig.client.deliver_logouts(9).await.unwrap();
    assert_eq!((delivery.confirmed, delivery.unreadable), (1, 2), "the others are delivered all the same");
    assert_eq!(rig.client.deliver_logouts(9).await.unwrap().unreadable, 0);
}

#[tokio::test]
async fn a_session_of_a_single_step_that_cannot_be_stored_is_ended() {
    let rig = with(&FaultyStore::new(Fault::CreateFails)).await;
    let (user, phone) = rig.user_with_phone().await;
    let failed = rig.client.authenticate(&user, &LoginOptions::default()).await;
    assert!(matches!(failed, Err(Error::Store(_))), "{failed:?}");
    assert!(phone.pending().await.unwrap().is_empty(), "the question is withdrawn");
}

#[tokio::test]
async fn the_service_is_told_of_a_logout_even_if_the_store_fails() {
    let store = FaultyStore::new(Fault::None);
    let rig = with(&store).await;
    let (session, end) = log_in(&rig).await;
    assert!(matches!(end, Ok(LoginOutcome::Granted(_))), "{end:?}");
    store.fault.store(Fault::LoadFails as u8, Ordering::Relaxed);
    assert_eq!(rig.client.logout(&session).await.unwrap(), LogoutReceipt::Confirmed);
    assert_eq!(status(&rig.client, &session).await, SessionStatus::Closed);
}

#[tokio::test]
async fn a_full_store_makes_room_for_a_login_by_forgetting_what_has_expired() {
    let clock = ManualClock::new();
    let service = TestService::builder().clock(&clock).start().await.unwrap();
    let store = Arc::new(MemorySessionStore::new(1));
    let client = service.client_builder().session_store(store).build().unwrap();
    let rig = Rig { service, client };
    let (user, _phone) = rig.user_with_phone().await;
    let options = LoginOptions::default();
    assert!(matches!(rig.client.authenticate(&user, &options).await, Ok(Authentication::Started { .. })));
    let full = rig.client.authenticate(&user, &options).await;
    assert!(matches!(full, Err(Error::Store(_))), "{full:?}");
    rig.service.advance(Duration::from_secs(2 * 3600)).await.unwrap();
    assert!(matches!(rig.client.authenticate(&user, &options).await, Ok(Authentication::Started { .. })));
}

#[tokio::test]
async fn a_session_whose_logout_was_claimed_lets_nobody_in() {
    let rig = with(&FaultyStore::new(Fault::KeepComesTooLate)).await;
    let (_, end) = log_in(&rig).await;
    assert!(matches!(end, Ok(LoginOutcome::Denied(Denial::Closed))), "{end:?}");
}

/// A caller may stop waiting at any time and go on later: a page that asks in short turns does.
#[tokio::test]
async fn a_login_that_was_interrupted_while_it_was_stored_goes_on() {
    let store = FaultyStore::new(Fault::CreateHangsOnce);
    let rig = with(&store).await;
    let (user, phone) = rig.user_with_phone().await;
    let mut login = rig.client.login(&user, LoginOptions::default()).unwrap();
    let interrupted = tokio::time::timeout(Duration::from_millis(500), login.next()).await;
    assert!(interrupted.is_err(), "it hangs in the store");
    let started = login.next().await;
    assert!(matches!(started, Some(LoginEvent::Started(_))), "{started:?}");
    let (outcome, accepted) = tokio::join!(login.outcome(), phone.accept_next(SOON));
    accepted.unwrap();
    let Ok(LoginOutcome::Granted(granted)) = outcome else { panic!("{outcome:?}") };
    let record = store.load(granted.session.token()).await.unwrap().unwrap();
    assert_eq!(record.logout_due, None);
}
