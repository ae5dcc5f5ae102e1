//! [`SessionTable`]: sessions and the logouts that are owed for them, in the application's own database.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use base16ct::lower;
use iampass_core::port::{
    ClaimOutcome, ClaimedLogouts, LOGOUT_REQUESTED, LogoutClaim, LogoutJob, SessionRecord, SessionStore,
    StoreError, StoreErrorKind,
};
use iampass_core::{Server, SessionToken, UnixSeconds, UserToken};

use crate::database::{Database, Row, Statement, Value};
use crate::retry::{self, AfterBreak, Changed};
use crate::sealing::{KeyRing, SealedSession};
use crate::session_row::{SessionRow, time, values};
use crate::statements::{SessionStatements, SharedStatements, id_value};
use crate::{DatabaseError, Fault, Schema};

/// The most rows that one statement touches, so that none holds up the others for long.
const BATCH: usize = 1_000;

/// How often the table is gone through for a change of keys, if rows change meanwhile. Each change gives a row a new seal, so more are hardly of use.
const MOST_PASSES: usize = 3;

/// A [`SessionStore`] over a table, whose secrets are sealed, and a [`SharedState`](iampass_core::port::SharedState) over another.
///
/// Every node may use it at once. It needs no task of its own; what is due is done by [`SessionStore::claim_logouts`],
/// [`SessionStore::purge_expired`], [`SharedState::purge_shared`](iampass_core::port::SharedState::purge_shared) and, after a change of
/// keys, [`SessionTable::reseal`].
pub struct SessionTable<D> {
    pub(crate) database: D,
    ring: KeyRing,
    server: Server,
    statements: SessionStatements,
    pub(crate) shared: SharedStatements,
    /// Until when logouts of other keys are not counted again.
    counted_until: Mutex<UnixSeconds>,
}

/// The outcome of [`SessionTable::reseal`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Resealed {
    /// So many are sealed with the new key now.
    pub sessions: usize,
    /// So many could not be opened: the key that sealed them is not in the ring, or they are damaged. They go when they expire.
    pub unreadable: usize,
}

impl<D: Database> SessionTable<D> {
    /// The table that `schema` describes, for sessions of `server`. Nothing is asked yet.
    #[must_use]
    pub fn new(database: D, schema: &Schema, ring: KeyRing, server: Server) -> Self {
        let statements = SessionStatements::new(database.dialect(), schema, ring.ids().count());
        let shared = SharedStatements::new(database.dialect(), schema);
        Self { database, ring, server, statements, shared, counted_until: Mutex::new(UnixSeconds(0)) }
    }

    /// Seals with the ring's first key what another one sealed, in bounded steps. To be run once by one node after a change of keys;
    /// running it again, or twice at once, does no harm.
    ///
    /// # Errors
    /// [`StoreError`]; what was done until then stays done.
    pub async fn reseal(&self) -> Result<Resealed, StoreError> {
        let mut done = Resealed::default();
        for _ in 0..MOST_PASSES {
            let (pass, has_lost_a_race) = self.reseal_once().await?;
            done = Resealed { sessions: done.sessions + pass.sessions, ..pass };
            if !has_lost_a_race {
                break;
            }
        }
        Ok(done)
    }

    /// One pass over the table: the outcome, and whether a row changed before its new seal was written. Such a row may still have the old key.
    async fn reseal_once(&self) -> Result<(Resealed, bool), StoreError> {
        let (mut done, mut has_lost_a_race) = (Resealed::default(), false);
        let mut after = self.id("");
        loop {
            let values = vec![self.id(self.ring.sealing_key().id()), after, bound(BATCH)];
            let rows = self.query(&self.statements.sealed_otherwise, values).await?;
            let is_last = rows.len() < BATCH;
            // From the column itself, so that a row of which nothing else can be read is passed over too.
            let Some(last) = rows.last().and_then(|row| row.first()).cloned() else {
                return Ok((done, has_lost_a_race));
            };
            for row in rows {
                match self.reseal_row(row).await? {
                    Some(true) => done.sessions += 1,
                    Some(false) => has_lost_a_race = true,
                    None => done.unreadable += 1,
                }
            }
            after = last;
            if is_last {
                return Ok((done, has_lost_a_race));
            }
        }
    }

    /// `None`: it cannot be read. `false`: it is gone, or another caller was faster.
    async fn reseal_row(&self, row: Row) -> Result<Option<bool>, StoreError> {
        let Ok(row) = SessionRow::read(row) else { return Ok(None) };
        let old_key = self.id(&row.sealed.key_id);
        let Ok(record) = row.open(&self.ring, &self.server) else { return Ok(None) };
        let sealed = SealedSession::seal(&record, &self.ring)?;
        let token = self.id(record.session.token().as_str());
        let user = self.id(record.user.as_str());
        let values = vec![Value::Bytes(sealed.bytes), self.id(&sealed.key_id), token, old_key, user];
        Ok(Some(self.execute(&self.statements.reseal, values).await? > 0))
    }

    fn id(&self, id: &str) -> Value {
        id_value(self.database.dialect(), id)
    }

    /// For statements that do the same twice as once.
    async fn execute(&self, statement: &Statement, values: Vec<Value>) -> Result<u64, DatabaseError> {
        retry::execute(&self.database, statement, values, AfterBreak::RunAgain).await
    }

    async fn query(&self, statement: &Statement, values: Vec<Value>) -> Result<Vec<Row>, DatabaseError> {
        retry::query(&self.database, statement, values).await
    }

    fn open(&self, row: Row) -> Result<SessionRecord, StoreError> {
        SessionRow::read(row)?.open(&self.ring, &self.server)
    }

    fn job(&self, row: Row) -> Result<LogoutJob, StoreError> {
        let row = SessionRow::read(row)?;
        let claim = LogoutClaim { token: row.token().clone(), number: row.claims };
        Ok(LogoutJob { record: row.open(&self.ring, &self.server)?, claim })
    }

    /// Whether the row of this token is the very one that was to be stored: a seal is never made twice.
    async fn is_stored(&self, token: &SessionToken, sealed: &SealedSession) -> Result<bool, StoreError> {
        let rows = self.query(&self.statements.load, vec![self.id(token.as_str())]).await?;
        let row = rows.into_iter().next().map(SessionRow::read).transpose()?;
        Ok(row.is_some_and(|row| row.sealed.bytes == sealed.bytes))
    }

    /// Whether a session is this user's, with a logout that is queued and was never claimed.
    async fn is_under_way_for(&self, token: &SessionToken, user: &UserToken) -> Result<bool, StoreError> {
        let rows = self.query(&self.statements.load, vec![self.id(token.as_str())]).await?;
        let Some(row) = rows.into_iter().next().map(SessionRow::read).transpose()? else { return Ok(false) };
        let is_claimed = row.claims > 0;
        let record = row.open(&self.ring, &self.server)?;
        let is_queued = record.logout_due.is_some() && !record.is_logout_requested();
        Ok(record.user == *user && is_queued && !is_claimed)
    }

    /// Claims up to `limit` at once, of those that a key of the ring sealed. Damaged ones are claimed too and left out, so that they hold up no other
    /// until their lease is over.
    async fn claim_batch(
        &self,
        now: UnixSeconds,
        until: UnixSeconds,
        limit: usize,
    ) -> Result<(usize, Vec<LogoutJob>), StoreError> {
        let claimant = self.id(&claimant()?);
        let mut values = vec![time(until), claimant.clone(), time(now), time(now)];
        values.extend(self.ring.ids().map(|id| self.id(id)));
        values.push(bound(limit));
        // Not run again when the connection broke: what it may have claimed would be claimed twice.
        let claimed =
            retry::execute(&self.database, &self.statements.claim, values, AfterBreak::GiveUp).await?;
        if claimed == 0 {
            return Ok((0, Vec::new()));
        }
        let rows = self.query(&self.statements.claimed, vec![claimant]).await?;
        Ok((rows.len(), rows.into_iter().filter_map(|row| self.job(row).ok()).collect()))
    }

    /// How many of the logouts that have been due for the longest time no key of the ring has sealed. They are left to nodes that have the key, and
    /// counted once for each lease.
    async fn due_of_other_keys(&self, now: UnixSeconds, lease: Duration) -> Result<usize, StoreError> {
        {
            let mut counted_until = self.counted_until.lock().unwrap_or_else(PoisonError::into_inner);
            if now < *counted_until {
                return Ok(0);
            }
            *counted_until = now.plus(lease);
        }
        let rows = self.query(&self.statements.keys_of_due, vec![time(now), bound(BATCH)]).await?;
        let own: Vec<_> = self.ring.ids().map(|id| self.id(id)).collect();
        Ok(rows.iter().filter_map(|row| row.first()).filter(|key| !own.contains(key)).count())
    }
}

#[async_trait]
impl<D: Database> SessionStore for SessionTable<D> {
    async fn create(&self, record: &SessionRecord) -> Result<(), StoreError> {
        let sealed = SealedSession::seal(record, &self.ring)?;
        let values = values(self.database.dialect(), record, &sealed);
        match self.execute(&self.statements.create, values).await {
            Ok(_) => Ok(()),
            // The connection may have broken after the first run was done.
            Err(error) if error.fault() == Fault::UniqueViolation => {
                if self.is_stored(record.session.token(), &sealed).await? {
                    Ok(())
                } else {
                    Err(error.into())
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn load(&self, token: &SessionToken) -> Result<Option<SessionRecord>, StoreError> {
        let rows = self.query(&self.statements.load, vec![self.id(token.as_str())]).await?;
        rows.into_iter().next().map(|row| self.open(row)).transpose()
    }

    async fn set_user(
        &self,
        token: &SessionToken,
        before: &UserToken,
        user: &UserToken,
    ) -> Result<bool, StoreError> {
        let Some(mut record) = self.load(token).await? else { return Ok(false) };
        if record.user == *before {
            // The seal is of the whole record, so that no user can be put in the place of another in the table.
            record.user = user.clone();
            let sealed = SealedSession::seal(&record, &self.ring)?;
            let (new, old) = (self.id(user.as_str()), self.id(before.as_str()));
            let (key, token) = (self.id(&sealed.key_id), self.id(token.as_str()));
            let values = vec![new, Value::Bytes(sealed.bytes), key, token, old];
            self.execute(&self.statements.set_user, values).await?;
        }
        // By this call, or by one of another node.
        self.is_under_way_for(token, user).await
    }

    async fn claim_session(&self, token: &SessionToken) -> Result<ClaimOutcome, StoreError> {
        let token = vec![self.id(token.as_str())];
        let changed = retry::change_once(&self.database, &self.statements.keep, token.clone()).await?;
        let broken = match changed {
            Changed::One => return Ok(ClaimOutcome::Claimed),
            Changed::None => None,
            Changed::NoneAfterBreak(error) => Some(error),
        };
        let is_kept = !self.query(&self.statements.is_kept, token).await?.is_empty();
        match (is_kept, broken) {
            (false, _) => Ok(ClaimOutcome::Rejected),
            (true, None) => Ok(ClaimOutcome::AlreadyClaimed),
            // By this call or by another one: only one of them may have it.
            (true, Some(error)) => Err(error.into()),
        }
    }

    async fn sessions_of(&self, user: &UserToken, limit: usize) -> Result<Vec<SessionRecord>, StoreError> {
        let mut found = Vec::new();
        let mut seen = 0;
        while found.len() < limit {
            let wanted = (limit - found.len()).min(BATCH);
            let values = vec![self.id(user.as_str()), bound(wanted), bound(seen)];
            let rows = self.query(&self.statements.of_user, values).await?;
            let is_last = rows.len() < wanted;
            seen += rows.len();
            found.extend(rows.into_iter().filter_map(|row| self.open(row).ok()));
            if is_last {
                break;
            }
        }
        Ok(found)
    }

    async fn queue_logout(&self, token: &SessionToken, due: UnixSeconds) -> Result<(), StoreError> {
        let due = due.max(LOGOUT_REQUESTED.plus(Duration::from_secs(1)));
        self.execute(&self.statements.queue, vec![time(due), self.id(token.as_str())]).await?;
        Ok(())
    }

    async fn request_logout(&self, token: &SessionToken) -> Result<(), StoreError> {
        self.execute(&self.statements.request, vec![self.id(token.as_str())]).await?;
        Ok(())
    }

    async fn claim_logouts(
        &self,
        now: UnixSeconds,
        lease: Duration,
        limit: usize,
    ) -> Result<ClaimedLogouts, StoreError> {
        let (mut jobs, mut unreadable) = (Vec::new(), 0);
        while jobs.len() < limit {
            let wanted = (limit - jobs.len()).min(BATCH);
            let (claimed, found) = match self.claim_batch(now, now.plus(lease), wanted).await {
                Ok(batch) => batch,
                // Jobs that are claimed already must be returned.
                Err(_) if !jobs.is_empty() => break,
                Err(error) => return Err(error),
            };
            unreadable += claimed.saturating_sub(found.len());
            jobs.extend(found);
            if claimed < wanted {
                break;
            }
        }
        match self.due_of_other_keys(now, lease).await {
            Ok(others) => unreadable += others,
            Err(_) if !jobs.is_empty() => {}
            Err(error) => return Err(error),
        }
        Ok(ClaimedLogouts::new(jobs, unreadable))
    }

    async fn release_logout(&self, claim: &LogoutClaim, due: UnixSeconds) -> Result<(), StoreError> {
        let number = i64::try_from(claim.number).unwrap_or(i64::MAX);
        let values = vec![time(due), self.id(claim.token.as_str()), Value::Integer(number)];
        self.execute(&self.statements.release, values).await?;
        Ok(())
    }

    async fn delete(&self, token: &SessionToken) -> Result<(), StoreError> {
        self.execute(&self.statements.delete, vec![self.id(token.as_str())]).await?;
        Ok(())
    }

    async fn purge_expired(&self, now: UnixSeconds, limit: usize) -> Result<usize, StoreError> {
        Ok(purge_in_batches(&self.database, &self.statements.purge, &time(now), limit).await?)
    }
}

impl<D> std::fmt::Debug for SessionTable<D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionTable").field("ring", &self.ring).finish_non_exhaustive()
    }
}

/// Runs a statement that takes `now, limit` and removes what expired before, until so many rows are gone or there are no more.
pub(crate) async fn purge_in_batches(
    database: &dyn Database,
    statement: &Statement,
    now: &Value,
    limit: usize,
) -> Result<usize, DatabaseError> {
    let mut purged = 0;
    while purged < limit {
        let wanted = (limit - purged).min(BATCH);
        let values = vec![now.clone(), bound(wanted)];
        let gone = retry::execute(database, statement, values, AfterBreak::RunAgain).await?;
        let gone = usize::try_from(gone).unwrap_or(wanted);
        purged += gone;
        if gone < wanted {
            break;
        }
    }
    Ok(purged)
}

/// A number of rows as it is bound.
fn bound(rows: usize) -> Value {
    Value::Integer(i64::try_from(rows).unwrap_or(i64::MAX))
}

/// The claimant: a name for this one statement, so that the rows that it claimed can be found.
fn claimant() -> Result<String, StoreError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::new(StoreErrorKind::Other).with_source(error))?;
    Ok(lower::encode_string(&bytes))
}
