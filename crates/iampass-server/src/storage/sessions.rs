//! Sessions, as applications and phones ask about them and end them.

use iampass_core::wire::{PhoneSession, SessionStatus};
use iampass_core::{Secret, SessionToken, UnixSeconds};
use rusqlite::{OptionalExtension as _, params};

use super::nonces::{seconds, unix};
use super::timeline_rows::{self, Applied};
use super::{
    Awaited, Database, DeviceKey, SessionKey, SpentNonce, StorageError, UserKey, applications, devices, users,
};
use crate::rules::{Event, State, Timeline};

/// A session as its application sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionView {
    pub(crate) key: SessionKey,
    pub(crate) user: Option<UserKey>,
    pub(crate) timeline: Timeline,
}

/// What became of something that a phone does to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionChange {
    Done(State),
    /// The state does not allow it.
    NotPossible(State),
    /// This phone has no such session.
    Unknown,
    /// The phone is not registered any more.
    UnknownDevice,
}

impl Database {
    /// The session with this token, and its secret. This is the read that is made most often.
    pub(crate) fn session(&self, token: &str) -> Result<Option<(Secret, SessionView)>, StorageError> {
        self.read(|connection| {
            let found = connection
                .prepare_cached("SELECT secret, key, user, state, due_at FROM sessions WHERE token = ?1")?
                .query_row([token], |row| {
                    let secret = Secret::new(row.get_ref(0)?.as_str()?);
                    let timeline = timeline_rows::timeline(row, "state", "due_at")?;
                    Ok((secret, SessionView { key: row.get(1)?, user: row.get(2)?, timeline }))
                })
                .optional()?;
            Ok(found)
        })
    }

    /// The application ends a session. One that has ended stays as it is.
    pub(crate) async fn log_out(&self, session: SessionKey, spent: SpentNonce) -> Result<(), StorageError> {
        self.write_spending(spent, move |connection, now| {
            timeline_rows::apply(connection, session, Event::LoggedOut, now)?;
            Ok(())
        })
        .await
    }

    /// Queues up the end of a session that its application has not heard of; whose it was, if there is one with this token.
    pub(crate) fn queue_end(&self, token: SessionToken) -> Result<Awaited<Option<UserKey>>, StorageError> {
        self.queue(move |connection, now| {
            let found: Option<(SessionKey, Option<UserKey>)> = connection
                .prepare_cached("SELECT key, user FROM sessions WHERE token = ?1")?
                .query_row([token.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            let Some((session, user)) = found else { return Ok(None) };
            timeline_rows::apply(connection, session, Event::LoggedOut, now)?;
            Ok(user)
        })
    }

    /// Writes down what a session's deadline has done until now; the state after that. None when there is no such session.
    pub(crate) async fn settle(
        &self,
        session: SessionKey,
    ) -> Result<Option<(State, Option<UserKey>)>, StorageError> {
        self.write(move |connection, now| timeline_rows::settle_session(connection, session, now)).await
    }

    /// A phone does something to a session of its own.
    pub(crate) async fn change_by_phone(
        &self,
        device: DeviceKey,
        name: String,
        event: Event,
        spent: SpentNonce,
    ) -> Result<SessionChange, StorageError> {
        self.write_spending(spent, move |connection, now| {
            if !devices::exists(connection, device)? {
                return Ok(SessionChange::UnknownDevice);
            }
            let session: Option<SessionKey> = connection
                .prepare_cached("SELECT key FROM sessions WHERE request_id = ?1 AND device = ?2")?
                .query_row(params![name, device], |row| row.get(0))
                .optional()?;
            let Some(session) = session else { return Ok(SessionChange::Unknown) };
            Ok(match timeline_rows::apply(connection, session, event, now)? {
                Some(Applied::Changed(state)) => SessionChange::Done(state),
                // Ending what has ended is what was wanted.
                Some(Applied::NotPossible(state)) if event == Event::LoggedOut => SessionChange::Done(state),
                Some(Applied::NotPossible(state)) => SessionChange::NotPossible(state),
                None => SessionChange::Unknown,
            })
        })
        .await
    }

    /// The sessions that a phone has opened and that have not ended at `now`, newest first. URLs are left empty.
    pub(crate) fn open_sessions(
        &self,
        device: DeviceKey,
        user: UserKey,
        now: UnixSeconds,
    ) -> Result<Vec<PhoneSession>, StorageError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT request_id, state, due_at, activated_at FROM sessions
                 WHERE device = ?1 AND activated_at IS NOT NULL AND ended_at IS NULL AND due_at > ?2
                 ORDER BY activated_at DESC, key DESC",
            )?;
            let mut rows = statement.query(params![device, seconds(now)])?;
            let mut sessions = Vec::new();
            let mut names = None;
            while let Some(row) = rows.next()? {
                let timeline = timeline_rows::timeline(row, "state", "due_at")?;
                let state = timeline.state_at(now);
                let Some(expires_at) = timeline.due_at.filter(|_| state.is_open()) else { continue };
                if names.is_none() {
                    let (application, user_id) = users::identity(connection, user)?;
                    let (application_id, application_name) =
                        applications::id_and_name(connection, application)?;
                    names = Some((application_id, application_name, user_id));
                }
                let Some((application_id, application_name, user_id)) = names.clone() else { continue };
                sessions.push(PhoneSession {
                    session_id: row.get("request_id")?,
                    application_id,
                    application_name,
                    user_id,
                    session_status: SessionStatus::from(state),
                    started_at: unix(row.get("activated_at")?),
                    expires_at,
                    logout_url: String::new(),
                    walkaway_url: String::new(),
                    return_url: String::new(),
                });
            }
            Ok(sessions)
        })
    }

    /// Writes down what deadlines have done until now; whom it happened to, and whether there is more to do.
    pub(crate) async fn settle_due(&self) -> Result<(Vec<UserKey>, bool), StorageError> {
        const AT_ONCE: u32 = 500;
        self.write(|connection, now| {
            let settled = timeline_rows::settle(connection, now, AT_ONCE)?;
            let more = settled.len() == AT_ONCE as usize;
            Ok((settled.into_iter().flatten().collect(), more))
        })
        .await
    }

    /// When the next deadline of a session is.
    pub(crate) fn next_due(&self) -> Result<Option<UnixSeconds>, StorageError> {
        self.read(|connection| {
            let due: Option<i64> = connection
                .prepare_cached("SELECT min(due_at) FROM sessions WHERE due_at IS NOT NULL")?
                .query_row([], |row| row.get(0))?;
            Ok(due.map(unix))
        })
    }

    /// Deletes sessions that ended before `before`.
    pub(crate) async fn purge_ended(&self, before: UnixSeconds) -> Result<(), StorageError> {
        self.write(move |connection, _| {
            connection
                .prepare_cached("DELETE FROM sessions WHERE ended_at < ?1")?
                .execute([seconds(before)])?;
            Ok(())
        })
        .await
    }
}
