//! Sessions that the application started, so that they can be watched and ended after a restart and from any node.

use std::time::Duration;

use async_trait::async_trait;

use super::{ClaimedLogouts, LogoutClaim, SharedState, StoreError, StoreErrorKind};
use crate::{Session, SessionToken, UnixSeconds, UserToken};

/// The data that Watch and Logout need to go on with a session.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SessionRecord {
    /// The session itself, with its secret. A store over a database seals it.
    pub session: Session,
    /// Its user. The session of a login without a name has one whom nobody is, until its user is known ([`SessionStore::set_user`]).
    pub user: UserToken,
    /// When it was started.
    pub started_at: UnixSeconds,
    /// When the service ends it at the latest; no logout is owed after that.
    pub expires_at: UnixSeconds,
    /// When a logout becomes due, if nothing happens before. A login that is under way has one, so that a session whose
    /// login was abandoned, or whose node died, is ended all the same (law 2); a granted one has none. A logout that was
    /// requested is due at [`LOGOUT_REQUESTED`] until it is claimed.
    pub logout_due: Option<UnixSeconds>,
}

/// The due time of a logout that was requested ([`SessionStore::request_logout`]). It lies before the time of every clock, so the
/// logout is due for every node at once, however their clocks differ.
pub const LOGOUT_REQUESTED: UnixSeconds = UnixSeconds(0);

impl SessionRecord {
    /// A record of a session that has just been started.
    #[must_use]
    pub fn new(session: Session, user: UserToken, started_at: UnixSeconds, expires_at: UnixSeconds) -> Self {
        Self { session, user, started_at, expires_at, logout_due: None }
    }

    /// The same with a logout that becomes due.
    #[must_use]
    pub fn with_logout_due(mut self, due: UnixSeconds) -> Self {
        self.logout_due = Some(due);
        self
    }

    /// Whether the logout was requested: the session is over, and no [`SessionStore::claim_session`] takes it back. After a claim it is the
    /// claim that says so.
    #[must_use]
    pub fn is_logout_requested(&self) -> bool {
        self.logout_due == Some(LOGOUT_REQUESTED)
    }
}

/// The outcome of [`SessionStore::claim_session`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "a session that was not claimed must not be used"]
pub enum ClaimOutcome {
    /// It is in use from now on; before, a logout was due.
    Claimed,
    /// It was in use already: another caller claimed it, or no logout was ever due.
    AlreadyClaimed,
    /// It is not there, or its logout was requested, or its logout was ever claimed, even if it was given back since, for it may
    /// have been delivered: it must not be used.
    Rejected,
}

impl ClaimOutcome {
    /// Whether the session is in use.
    #[must_use]
    pub const fn is_in_use(self) -> bool {
        matches!(self, Self::Claimed | Self::AlreadyClaimed)
    }
}

/// Keeps sessions and the logouts that are owed for them. It is a [`SharedState`] as well, so that an application has one store for all
/// that its nodes share.
///
/// A logout is owed in one of two ways. One that is *queued* has a due time and is provisional: a login under way has one, and
/// [`SessionStore::claim_session`] takes it away. One that is *requested* is final: the session ends, whatever else is asked of the store.
///
/// # Contract
/// * A write that was acknowledged is seen by every node (a store in memory says that it is not).
/// * A logout is claimed by one node at a time and for a time only: a node that dies in the middle is taken over, so a
///   logout may be delivered twice and is never forgotten before its session must have expired.
/// * A logout that was requested stays requested: [`SessionStore::claim_session`] does not take it back and [`SessionStore::queue_logout`]
///   does not put it off, on any node and by any clock, whether it has been claimed or not.
/// * A record that cannot be read is an error for that session and for no other: [`SessionStore::load`] says
///   [`super::StoreErrorKind::Unreadable`], [`SessionStore::sessions_of`] and [`SessionStore::claim_logouts`] leave it out,
///   the latter with a count, and it holds up no other, however small the limit.
/// * The times are those of the caller's clock, and nodes' clocks differ. A store compares the times that it is given with
///   those it holds, and with nothing else: it reads no clock, and a later time seen before is nothing to it.
///
/// `iampass-testkit` has a suite that checks a store against all of this (`store_suite`).
#[async_trait]
pub trait SessionStore: SharedState {
    /// Stores a new session.
    ///
    /// # Errors
    /// [`StoreError`], of kind [`super::StoreErrorKind::Conflict`] when its token is there already.
    async fn create(&self, record: &SessionRecord) -> Result<(), StoreError>;

    /// The session of this token, or `None`.
    ///
    /// # Errors
    /// [`StoreError`]; never a guess.
    async fn load(&self, token: &SessionToken) -> Result<Option<SessionRecord>, StoreError>;

    /// Gives the session of a login without a name to its user: its user was `before`, and is `user` from now on. `true` if the session is
    /// that user's now and its logout is queued, whoever gave it. A session that is in use, or whose logout was requested or ever claimed, or
    /// that is another user's, stays as it is.
    ///
    /// A store that does not say how it is done refuses it, and logins with names go on.
    ///
    /// # Errors
    /// [`StoreError`]; whose session it is, is not known then.
    async fn set_user(
        &self,
        token: &SessionToken,
        before: &UserToken,
        user: &UserToken,
    ) -> Result<bool, StoreError> {
        let _ = (token, before, user);
        Err(StoreError::new(StoreErrorKind::Other).with_source(
            "this session store does not implement `set_user`, which logins without a name need",
        ))
    }

    /// Marks a session as in use: its queued logout is taken away. Of several callers at once one gets [`ClaimOutcome::Claimed`]. A session
    /// whose logout was requested or ever claimed is refused.
    ///
    /// # Errors
    /// [`StoreError`]; whether it was claimed is not known then.
    async fn claim_session(&self, token: &SessionToken) -> Result<ClaimOutcome, StoreError>;

    /// The sessions of a user that have no logout due, now or later: newest start first, `limit` at most.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn sessions_of(&self, user: &UserToken, limit: usize) -> Result<Vec<SessionRecord>, StoreError>;

    /// Makes the logout of a session due at `due`, unless it is kept before. Nothing happens if the session is not there, or if its
    /// logout was requested or ever claimed, for then it is owed already. A `due` of [`LOGOUT_REQUESTED`] is taken for the second
    /// after it.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn queue_logout(&self, token: &SessionToken, due: UnixSeconds) -> Result<(), StoreError>;

    /// Makes the logout of a session due at once, for every node, and for good: its due time is [`LOGOUT_REQUESTED`]. Nothing happens
    /// if the session is not there. A claim that a node holds goes on.
    ///
    /// # Errors
    /// [`StoreError`]; whether it was requested is not known then.
    async fn request_logout(&self, token: &SessionToken) -> Result<(), StoreError>;

    /// Claims up to `limit` logouts that are due at `now` or before and that no node holds, for the time `lease`. At `now` plus
    /// `lease` it is over, and the next claim has a higher number.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn claim_logouts(
        &self,
        now: UnixSeconds,
        lease: Duration,
        limit: usize,
    ) -> Result<ClaimedLogouts, StoreError>;

    /// Gives a claimed logout back, to be tried again at `due`. Nothing happens if it was claimed again since, or deleted.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn release_logout(&self, claim: &LogoutClaim, due: UnixSeconds) -> Result<(), StoreError>;

    /// Removes a session: it was logged out, or it ended by itself. Its logout is owed no more. Nothing happens if it is not
    /// there.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn delete(&self, token: &SessionToken) -> Result<(), StoreError>;

    /// Removes up to `limit` sessions that must have expired before `now`, logout due or not, and says how many. One that
    /// expires at `now` stays. To be called now and then.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn purge_expired(&self, now: UnixSeconds, limit: usize) -> Result<usize, StoreError>;
}
