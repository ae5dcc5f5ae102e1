//! Sessions, as applications and phones ask about them and end them.

use std::sync::atomic::Ordering;

use iampass_core::wire::{PhoneSession, SessionStatus};
use iampass_core::{Secret, SessionToken, UnixSeconds, UserToken};
use iampass_server_domain::rules::{EndReason, Event, Proven, State, Timeline, Walkaway};
use rusqlite::OptionalExtension as _;

use super::database::Queue;
use super::timeline_rows::{self, Applied, Settled};
use super::values::unix;
use super::{
    AccountKey, ApplicationKey, CountedTo, Database, DeviceKey, Row, Sealed, SessionKey, SessionView,
    SpentNonce, StorageError, UserKey, device_rows, users,
};

/// The outcome of a phone's action on a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionChange {
    /// It is in this state now.
    Done(State),
    /// The state does not allow it.
    NotPossible(State),
    /// This phone has no such session.
    Unknown,
    /// The phone is not registered any more.
    UnknownDevice,
}

/// The columns of a session, called `s`, as its application sees it.
macro_rules! session_columns {
    () => {
        concat!(
            "s.secret, s.key, s.user_key, s.state, s.due_at, s.near_until, s.application_key, s.proven, s.nameless, ",
            $crate::counted_to::counted_to!("s.application_key")
        )
    };
}
pub(super) use session_columns;

/// Reads these columns.
pub(super) fn read_view(row: &Row) -> Result<SessionView, StorageError> {
    let application = row.key(6)?;
    let bits = row.integer(7)?;
    Ok(SessionView {
        key: row.key(1)?,
        application,
        counted_to: CountedTo::of(application, row.optional_key(9)?),
        user: row.optional_key(2)?,
        timeline: timeline_rows::timeline(row, 3)?,
        proven: Proven::from_column(bits),
        end_reason: EndReason::from_column(bits),
        nameless: row.integer(8)? != 0,
    })
}

/// The query of [`Database::session`], with and without waiting.
const SESSION: &str = concat!("SELECT ", session_columns!(), " FROM sessions s WHERE s.token = ?1");

pub(super) const OPENED_BY: &str =
    "SELECT request_id, state, due_at, near_until, activated_at FROM sessions /*open of user*/
    WHERE user_key = ?1 AND ended_at IS NULL AND device_key = ?2 AND activated_at IS NOT NULL AND due_at > ?3
    ORDER BY activated_at DESC, key DESC";

const NEXT_OVER: &str = "SELECT due_at FROM sessions WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1";
pub(super) const NEXT_MISSED: &str = "SELECT near_until FROM sessions
    WHERE state = 'active' AND near_until IS NOT NULL ORDER BY near_until LIMIT 1";

impl Database {
    /// The session with this token, and its secret.
    pub async fn session(&self, token: &str) -> Result<Option<(Secret, SessionView)>, StorageError> {
        if let Some(found) = self.session_at_once(token) {
            return found;
        }
        let owned = token.to_owned();
        let found = self.read(move |tx| {
            let token = owned;
            Box::pin(async move {
                let Some(row) = tx.query_one(SESSION, &[(&token).into()]).await? else { return Ok(None) };
                let secret = tx.open(Sealed::Session, &token, row.bytes(0)?)?;
                Ok(Some((row.bytes(0)?.to_vec(), secret, read_view(&row)?)))
            })
        });
        Ok(found.await?.map(|(sealed, secret, session)| {
            self.remembering(|remembered| remembered.keep_session(token, sealed, &session));
            (secret, session)
        }))
    }

    /// The same, where nothing has to be waited for; None where it has. This is the read that is made most often, so it goes the short way.
    pub fn session_at_once(
        &self,
        token: &str,
    ) -> Option<Result<Option<(Secret, SessionView)>, StorageError>> {
        let (sqlite, sealer) = self.at_once()?;
        let at_hand = &sqlite.at_hand;
        if let Some(session) = at_hand.session(token) {
            return Some(Ok(Some(session)));
        }
        let moment = at_hand.before_a_read();
        let read = sqlite.read_at_once(|connection| {
            let mut statement = connection.prepare_cached(SESSION)?;
            let mut rows = statement.query([token])?;
            let Some(row) = rows.next().optional()?.flatten() else { return Ok(None) };
            let sealed = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            let secret = sealer.open(Sealed::Session, token, sealed)?;
            let state = State::from_word(row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?);
            let seconds = |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(unix));
            let timeline = Timeline { state, due_at: seconds(4)?, near_until: seconds(5)? };
            let user = row.get::<_, Option<i64>>(2)?.map(UserKey);
            let (key, application) = (SessionKey(row.get(1)?), ApplicationKey(row.get(6)?));
            let owner = row.get::<_, Option<i64>>(9)?.map(AccountKey);
            let counted_to = CountedTo::of(application, owner);
            let (bits, nameless) = (row.get(7)?, row.get::<_, i64>(8)? != 0);
            let (proven, end_reason) = (Proven::from_column(bits), EndReason::from_column(bits));
            Ok(Some((
                secret,
                SessionView { key, application, counted_to, user, timeline, proven, end_reason, nameless },
            )))
        });
        if let Ok(Some(session)) = &read {
            at_hand.keep(token, session, moment);
        }
        Some(read)
    }

    /// The id of a user. None when the user is gone.
    pub async fn user_id(&self, user: UserKey) -> Result<Option<UserToken>, StorageError> {
        self.read(move |tx| Box::pin(async move { Ok(users::named(tx, user).await?.map(|named| named.id)) }))
            .await
    }

    /// The application ends a session. One that has ended stays as it is.
    pub async fn log_out(&self, session: SessionKey, spent: SpentNonce) -> Result<(), StorageError> {
        self.write_spending(spent, move |tx| {
            Box::pin(async move {
                timeline_rows::apply(tx, session, Event::LoggedOut).await?;
                Ok(())
            })
        })
        .await
    }

    /// Queues up the end of a session whose credentials never reached its application. Returns its user, if there is one with this token.
    pub fn queue_end(&self, token: SessionToken) -> Result<Queue<Option<UserKey>>, StorageError> {
        self.queue(move |tx| {
            Box::pin(async move {
                let sql = "SELECT key, user_key FROM sessions WHERE token = ?1";
                let Some(found) = tx.query_one(sql, &[token.as_str().into()]).await? else { return Ok(None) };
                timeline_rows::apply(tx, found.key(0)?, Event::LoggedOut).await?;
                found.optional_key(1)
            })
        })
    }

    /// Writes down what a session's deadline has done until now; the state after that. None when there is no such session.
    pub async fn settle(
        &self,
        session: SessionKey,
    ) -> Result<Option<(State, Option<UserKey>)>, StorageError> {
        let settled = self.write(move |tx| Box::pin(timeline_rows::settle_session(tx, session))).await?;
        self.count_timed_out(settled.iter());
        Ok(settled.map(|settled| (settled.state, settled.user)))
    }

    /// A phone does something to a session of its own.
    pub async fn change_by_phone(
        &self,
        device: DeviceKey,
        name: String,
        event: Event,
        spent: SpentNonce,
    ) -> Result<SessionChange, StorageError> {
        self.write_spending(spent, move |tx| {
            Box::pin(async move {
                if !device_rows::exists(tx, device).await? {
                    return Ok(SessionChange::UnknownDevice);
                }
                let sql = "SELECT key FROM sessions WHERE request_id = ?1 AND device_key = ?2";
                let found = tx.query_one(sql, &[(&name).into(), device.into()]).await?;
                let Some(found) = found else { return Ok(SessionChange::Unknown) };
                let applied = timeline_rows::apply_by_phone(tx, found.key(0)?, event, device).await?;
                device_rows::used(tx, device).await?;
                Ok(match applied {
                    Some(Applied::Changed(state)) => SessionChange::Done(state),
                    // Ending what has ended is what was wanted.
                    Some(Applied::NotPossible(state)) if event == Event::LoggedOut => {
                        SessionChange::Done(state)
                    }
                    Some(Applied::NotPossible(state)) => SessionChange::NotPossible(state),
                    None => SessionChange::Unknown,
                })
            })
        })
        .await
    }

    /// The sessions that a phone has opened and that have not ended at `now`, newest first, and whether it says of them that it is near. URLs are
    /// left empty.
    pub async fn open_sessions(
        &self,
        device: DeviceKey,
        user: UserKey,
        now: UnixSeconds,
    ) -> Result<(Vec<PhoneSession>, Walkaway), StorageError> {
        self.read_many(move |tx| {
            Box::pin(async move {
                let mut sessions = Vec::new();
                let rows = tx.query(OPENED_BY, &[user.into(), device.into(), now.into()]).await?;
                let Some(named) = users::named(tx, user).await? else {
                    return Ok((sessions, Walkaway::Off));
                };
                for row in &rows {
                    let timeline = timeline_rows::timeline(row, 1)?;
                    let state = timeline.state_at(now);
                    let Some(expires_at) = timeline.due_at.filter(|_| state.is_open()) else { continue };
                    sessions.push(PhoneSession {
                        session_id: row.text(0)?.to_owned(),
                        application_id: named.application_id.clone(),
                        application_name: named.application_name.clone(),
                        user_id: named.id.clone(),
                        session_status: SessionStatus::from(state),
                        started_at: row.seconds(4)?,
                        expires_at,
                        near_until: timeline.near_until.filter(|_| state == State::Active),
                        logout_url: String::new(),
                        walkaway_url: String::new(),
                        return_url: String::new(),
                    });
                }
                Ok((sessions, named.walkaway))
            })
        })
        .await
    }

    /// Writes down what deadlines have done until now; whom it happened to, and whether there is more to do.
    pub async fn settle_due(&self) -> Result<(Vec<UserKey>, bool), StorageError> {
        const AT_ONCE: u32 = 500;
        let settled = self.write(|tx| Box::pin(timeline_rows::settle(tx, AT_ONCE))).await?;
        self.count_timed_out(settled.iter());
        let more = settled.len() == AT_ONCE as usize;
        Ok((settled.into_iter().filter_map(|settled| settled.user).collect(), more))
    }

    fn count_timed_out<'s>(&self, settled: impl Iterator<Item = &'s Settled>) {
        let count = settled.filter(|settled| settled.has_timed_out()).count();
        self.timed_out.fetch_add(count as u64, Ordering::Relaxed);
    }

    /// How many questions have timed out by this node's writing it down.
    pub fn timed_out(&self) -> u64 {
        self.timed_out.load(Ordering::Relaxed)
    }

    /// How many sessions have not ended, those that wait for an answer among them.
    pub async fn count_live_sessions(&self) -> Result<u64, StorageError> {
        self.read_many(|tx| {
            Box::pin(async move {
                let sql = "SELECT count(*) FROM sessions WHERE due_at IS NOT NULL";
                let row = tx.query_one(sql, &[]).await?;
                Ok(row.map(|row| row.integer(0)).transpose()?.unwrap_or_default().unsigned_abs())
            })
        })
        .await
    }

    /// When the next deadline of a session is, or the next promise of its phone passes.
    pub async fn next_due(&self) -> Result<Option<UnixSeconds>, StorageError> {
        self.read(|tx| {
            Box::pin(async move {
                let mut next = None;
                for sql in [NEXT_OVER, NEXT_MISSED] {
                    let found: Option<UnixSeconds> =
                        tx.query_one(sql, &[]).await?.map(|row| row.seconds(0)).transpose()?;
                    next = next.into_iter().chain(found).min();
                }
                Ok(next)
            })
        })
        .await
    }
}
