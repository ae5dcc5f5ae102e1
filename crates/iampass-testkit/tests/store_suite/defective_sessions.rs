//! Session stores with deliberate defects. Does not belong here: what the suite says of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use iampass_core::port::{
    ClaimOutcome, ClaimedLogouts, LOGOUT_REQUESTED, LogoutClaim, LogoutJob, SessionRecord, SessionStore,
    SharedEntry, SharedKey, SharedState, SharedVersion, StoreError, StoreErrorKind,
};
use iampass_core::{SessionToken, UnixMillis, UnixSeconds, UserToken};

use crate::defective_shared::{DefectiveShared, SharedDefect};
use crate::session_defect::SessionDefect;

#[derive(Clone)]
pub(crate) struct Row {
    record: SessionRecord,
    claims: u64,
    ever_claimed: bool,
    requested: bool,
    until: Option<UnixSeconds>,
    pub(crate) damaged: bool,
}

/// A store of its own, so that each rule can be left out.
pub(crate) struct DefectiveSessions {
    pub(crate) rows: Mutex<BTreeMap<SessionToken, Row>>,
    defect: SessionDefect,
    /// The latest time seen, of a store that trusts one clock only.
    latest: Mutex<u64>,
    shared: DefectiveShared,
}

impl DefectiveSessions {
    pub(crate) fn new(defect: SessionDefect) -> Arc<Self> {
        let shared = DefectiveShared::new(match defect {
            SessionDefect::Shared(defect) => defect,
            _ => SharedDefect::None,
        });
        Arc::new(Self { rows: Mutex::default(), defect, latest: Mutex::default(), shared })
    }

    fn is(&self, defect: SessionDefect) -> bool {
        self.defect == defect
    }

    fn may_claim(&self, row: &Row, now: UnixSeconds) -> bool {
        let early = if self.is(SessionDefect::ClaimsEarly) { 1 } else { 0 };
        let late = if self.is(SessionDefect::ClaimsLate) { 1 } else { 0 };
        let due = row.record.logout_due.is_some_and(|due| due.0 + late <= now.0 + early);
        let free = row.until.is_none_or(|until| until <= now);
        due && (free || self.is(SessionDefect::ClaimIsNotExclusive))
    }

    /// Looks first, and takes the logout away afterwards.
    async fn keep_in_two_steps(&self, token: &SessionToken) -> Result<ClaimOutcome, StoreError> {
        let owed =
            |row: &Row| (!row.ever_claimed && !row.requested).then_some(row.record.logout_due.is_some());
        let found = self.rows.lock().unwrap().get(token).and_then(owed);
        tokio::task::yield_now().await;
        let Some(was_due) = found else { return Ok(ClaimOutcome::Rejected) };
        if let Some(row) = self.rows.lock().unwrap().get_mut(token) {
            row.record.logout_due = None;
        }
        Ok(if was_due { ClaimOutcome::Claimed } else { ClaimOutcome::AlreadyClaimed })
    }

    /// Claims the damaged ones that are due, and counts them.
    fn claim_unreadable(&self, now: UnixSeconds, lease: Duration) -> usize {
        let mut rows = self.rows.lock().unwrap();
        let mut unreadable = 0;
        for row in rows.values_mut().filter(|row| row.damaged && self.may_claim(row, now)) {
            (row.claims, row.ever_claimed, row.until) = (row.claims + 1, true, Some(now.plus(lease)));
            unreadable += usize::from(!self.is(SessionDefect::DamageIsNotCounted));
        }
        unreadable
    }
}

fn refused<T>(kind: StoreErrorKind) -> Result<T, StoreError> {
    Err(StoreError::new(kind))
}

#[async_trait]
impl SharedState for DefectiveSessions {
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
impl SessionStore for DefectiveSessions {
    async fn create(&self, record: &SessionRecord) -> Result<(), StoreError> {
        let token = self.defect.token(record.session.token());
        let there = self.rows.lock().unwrap().contains_key(&token);
        if self.is(SessionDefect::CreateInTwoSteps) {
            tokio::task::yield_now().await;
        }
        match self.defect {
            SessionDefect::CreateTwiceIsFine if there => return Ok(()),
            SessionDefect::CreateOverwrites => {}
            _ if there => return refused(StoreErrorKind::Conflict),
            _ => {}
        }
        let record = self.defect.stored(record);
        let row =
            Row { record, claims: 0, ever_claimed: false, requested: false, until: None, damaged: false };
        self.rows.lock().unwrap().insert(token, row);
        Ok(())
    }

    async fn load(&self, token: &SessionToken) -> Result<Option<SessionRecord>, StoreError> {
        let rows = self.rows.lock().unwrap();
        if self.is(SessionDefect::LoadReadsPatterns) && token.as_str() == "%" {
            return Ok(rows.values().next().map(|row| row.record.clone()));
        }
        match rows.get(&self.defect.token(token)) {
            Some(row) if row.damaged && self.is(SessionDefect::DamageIsNone) => Ok(None),
            Some(row) if row.damaged => refused(StoreErrorKind::Unreadable),
            Some(row) => Ok(Some(row.record.clone())),
            None => Ok(None),
        }
    }

    async fn set_user(
        &self,
        token: &SessionToken,
        before: &UserToken,
        user: &UserToken,
    ) -> Result<bool, StoreError> {
        let mut rows = self.rows.lock().unwrap();
        let Some(row) = rows.get_mut(&self.defect.token(token)) else { return Ok(false) };
        let is_under_way = !row.ever_claimed && !row.requested && row.record.logout_due.is_some();
        let is_under_way = is_under_way || self.is(SessionDefect::GivesWhatIsOver);
        let is_theirs = row.record.user == *before || self.is(SessionDefect::GivesAnotherUsers);
        if is_under_way && is_theirs && !self.is(SessionDefect::GivesNothing) {
            row.record.user = user.clone();
        }
        Ok(is_under_way && (row.record.user == *user || self.is(SessionDefect::GivesNothing)))
    }

    async fn claim_session(&self, token: &SessionToken) -> Result<ClaimOutcome, StoreError> {
        if self.is(SessionDefect::KeepInTwoSteps) {
            return self.keep_in_two_steps(token).await;
        }
        let mut rows = self.rows.lock().unwrap();
        let Some(row) = rows.get_mut(&self.defect.token(token)) else {
            return Ok(if self.is(SessionDefect::KeepUnknown) {
                ClaimOutcome::Claimed
            } else {
                ClaimOutcome::Rejected
            });
        };
        match self.defect {
            SessionDefect::KeepLeavesTheLogout => {
                return Ok(if row.ever_claimed || row.requested {
                    ClaimOutcome::Rejected
                } else {
                    ClaimOutcome::Claimed
                });
            }
            SessionDefect::KeepAfterClaim => {}
            SessionDefect::KeepAfterRelease if row.until.is_none() => {}
            SessionDefect::KeepAfterRequest if row.requested && !row.ever_claimed => {}
            _ if row.ever_claimed || row.requested => return Ok(ClaimOutcome::Rejected),
            _ => {}
        }
        let was_due = row.record.logout_due.take().is_some();
        Ok(if was_due || self.is(SessionDefect::KeepIsAlwaysFirst) {
            ClaimOutcome::Claimed
        } else {
            ClaimOutcome::AlreadyClaimed
        })
    }

    async fn sessions_of(&self, user: &UserToken, limit: usize) -> Result<Vec<SessionRecord>, StoreError> {
        let rows = self.rows.lock().unwrap();
        let folded = |token: &UserToken| match self.defect {
            SessionDefect::UsersAreFolded => token.as_str().to_lowercase(),
            _ => token.to_string(),
        };
        let of_user = rows.values().filter(|row| folded(&row.record.user) == folded(user));
        if of_user.clone().any(|row| row.damaged) && self.is(SessionDefect::DamageHidesAll) {
            return refused(StoreErrorKind::Unreadable);
        }
        let mut found: Vec<_> = of_user
            .filter(|row| !row.damaged)
            .map(|row| row.record.clone())
            .filter(|record| record.logout_due.is_none() || self.is(SessionDefect::ListHasThoseDue))
            .collect();
        found.sort_by_key(|record| record.started_at);
        if !self.is(SessionDefect::OldestFirst) {
            found.reverse();
        }
        if !self.is(SessionDefect::ListIgnoresLimit) {
            found.truncate(limit);
        }
        Ok(found)
    }

    async fn queue_logout(&self, token: &SessionToken, due: UnixSeconds) -> Result<(), StoreError> {
        let mut rows = self.rows.lock().unwrap();
        match (rows.get_mut(&self.defect.token(token)), self.defect) {
            (None, SessionDefect::QueueUnknownFails) => return refused(StoreErrorKind::Other),
            (None, _) | (_, SessionDefect::QueueDoesNothing) => {}
            (Some(row), SessionDefect::QueueBreaksTheClaim) => row.until = None,
            (Some(row), SessionDefect::QueuePutsOffARequest) if row.requested => {
                row.record.logout_due = Some(due);
            }
            (Some(row), SessionDefect::QueuePutsOffAClaimed) if row.ever_claimed => {
                row.record.logout_due = Some(due);
            }
            (Some(row), _) if row.ever_claimed || row.requested => {}
            (Some(row), _) => row.record.logout_due = Some(due),
        }
        Ok(())
    }

    async fn request_logout(&self, token: &SessionToken) -> Result<(), StoreError> {
        let mut rows = self.rows.lock().unwrap();
        match (rows.get_mut(&self.defect.token(token)), self.defect) {
            (None, SessionDefect::RequestUnknownFails) => return refused(StoreErrorKind::Other),
            (None, _) => {}
            (Some(row), defect) => {
                row.requested = defect != SessionDefect::RequestIsQueued;
                row.record.logout_due = Some(match defect {
                    // By the clock of the node that asks, which the others' may be behind.
                    SessionDefect::RequestIsDueLater => UnixSeconds(1_800_000_000),
                    _ => LOGOUT_REQUESTED,
                });
                if defect == SessionDefect::RequestBreaksTheClaim {
                    row.until = None;
                }
            }
        }
        Ok(())
    }

    async fn claim_logouts(
        &self,
        now: UnixSeconds,
        lease: Duration,
        limit: usize,
    ) -> Result<ClaimedLogouts, StoreError> {
        if self.is(SessionDefect::ClaimByOwnClockOnly) {
            let mut latest = self.latest.lock().unwrap();
            if now.0 < *latest {
                return Ok(ClaimedLogouts::default());
            }
            *latest = now.0;
        }
        let mut due: Vec<_> = {
            let rows = self.rows.lock().unwrap();
            if rows.values().any(|row| row.damaged) && self.is(SessionDefect::DamageStopsClaims) {
                return refused(StoreErrorKind::Unreadable);
            }
            let claimable = rows.iter().filter(|(_, row)| !row.damaged && self.may_claim(row, now));
            claimable.map(|(token, _)| token.clone()).collect()
        };
        let unreadable = self.claim_unreadable(now, lease);
        if self.is(SessionDefect::ClaimInTwoSteps) {
            tokio::task::yield_now().await;
        }
        let rest = due.split_off(limit.min(due.len()));
        let mut rows = self.rows.lock().unwrap();
        if self.is(SessionDefect::ClaimLimitIgnored) {
            due.extend(rest);
        } else if self.is(SessionDefect::ClaimLosesTheRest) {
            for token in &rest {
                rows.get_mut(token).unwrap().record.logout_due = None;
            }
        }
        let mut jobs = Vec::new();
        for token in due {
            let Some(row) = rows.get_mut(&token) else { continue };
            // Between the steps of a store that works in one, nobody else gets in.
            if !self.is(SessionDefect::ClaimInTwoSteps) && !self.may_claim(row, now) {
                continue;
            }
            row.ever_claimed = true;
            if !self.is(SessionDefect::ClaimNumberStays) || row.claims == 0 {
                row.claims += 1;
            }
            row.until = match self.defect {
                SessionDefect::ClaimRemembersNoLease => None,
                SessionDefect::ClaimForever => Some(UnixSeconds(u64::MAX)),
                SessionDefect::LeaseTooShort => Some(now.plus(lease / 2)),
                _ => Some(now.plus(lease)),
            };
            let claim = LogoutClaim { token: row.record.session.token().clone(), number: row.claims };
            jobs.push(LogoutJob { record: row.record.clone(), claim });
            if self.is(SessionDefect::ClaimDeletes) {
                rows.remove(&token);
            }
        }
        Ok(ClaimedLogouts::new(jobs, unreadable))
    }

    async fn release_logout(&self, claim: &LogoutClaim, due: UnixSeconds) -> Result<(), StoreError> {
        let mut rows = self.rows.lock().unwrap();
        let Some(row) = rows.get_mut(&self.defect.token(&claim.token)) else { return Ok(()) };
        let its_own = match self.defect {
            SessionDefect::StaleReleases => true,
            // The number starts anew with each release.
            SessionDefect::StaleReleasesAfterRelease => row.claims == claim.number,
            _ => row.claims == claim.number,
        };
        if !its_own {
            return Ok(());
        }
        match self.defect {
            SessionDefect::ReleaseDoesNothing => {}
            SessionDefect::ReleaseForgets => (row.until, row.record.logout_due) = (None, None),
            SessionDefect::ReleaseIgnoresDue => row.until = None,
            SessionDefect::StaleReleasesAfterRelease => {
                (row.until, row.record.logout_due, row.claims) = (None, Some(due), 0);
            }
            _ => (row.until, row.record.logout_due) = (None, Some(due)),
        }
        Ok(())
    }

    async fn delete(&self, token: &SessionToken) -> Result<(), StoreError> {
        let mut rows = self.rows.lock().unwrap();
        let token = self.defect.token(token);
        match self.defect {
            SessionDefect::DeleteKeepsTheLogout
                if rows.get(&token).is_some_and(|row| row.record.logout_due.is_some()) => {}
            SessionDefect::DeleteTwiceFails if !rows.contains_key(&token) => {
                return refused(StoreErrorKind::Other);
            }
            _ => drop(rows.remove(&token)),
        }
        Ok(())
    }

    async fn purge_expired(&self, now: UnixSeconds, limit: usize) -> Result<usize, StoreError> {
        let mut rows = self.rows.lock().unwrap();
        let early = if self.is(SessionDefect::PurgeTooEarly) { 1 } else { 0 };
        let limit = if self.is(SessionDefect::PurgeIgnoresLimit) { usize::MAX } else { limit };
        let expired: Vec<_> = rows
            .iter()
            .filter(|(_, row)| {
                let over = row.record.expires_at.0 < now.0 + early;
                let spared = self.is(SessionDefect::PurgeSparesThoseDue) && row.record.logout_due.is_some();
                (over || self.is(SessionDefect::PurgeTakesAll)) && !spared
            })
            .map(|(token, _)| token.clone())
            .take(limit)
            .collect();
        for token in &expired {
            rows.remove(token);
        }
        Ok(if self.is(SessionDefect::PurgeSaysNothing) { 0 } else { expired.len() })
    }
}
