//! Open sessions of an application, as its members see and end them.
//!
//! Belongs here: lists by the index of open sessions, and ending one. Does not belong here: what may follow what ([`iampass_server_domain::rules`]).

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use iampass_core::UnixSeconds;
use iampass_server_domain::rules::{Act, Ending, Event, State};

use super::{Actor, Right};
use crate::audit::{Noted, note};
use crate::{ApplicationKey, Database, Row, SessionKey, StorageError, UserKey, timeline_rows};

/// A session that has not ended, or that is still being asked for.
#[derive(Clone, Debug)]
pub struct OpenSession {
    /// Its row.
    pub key: SessionKey,
    /// The user; None when deleted.
    pub user: Option<UserKey>,
    /// The user's id; empty when the user is gone.
    pub user_id: String,
    /// Its state.
    pub state: State,
    /// When the question was put.
    pub asked_at: UnixSeconds,
    /// When the user accepted, if so.
    pub activated_at: Option<UnixSeconds>,
    /// When the state ends by itself.
    pub due_at: UnixSeconds,
    /// The phone that holds it.
    pub platform: Option<String>,
}

/// The session that was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Its user.
    pub user: Option<UserKey>,
}

macro_rules! session_columns {
    ($rest:literal) => {
        concat!(
            "SELECT s.key, s.user_key, u.id, s.state, s.due_at, s.near_until, s.asked_at, s.activated_at, d.platform FROM sessions s
             LEFT JOIN users u ON u.key = s.user_key LEFT JOIN devices d ON d.key = s.device_key ",
            $rest
        )
    };
}

/// Values: the application, the time, before which key, how many.
pub(super) const OF_APPLICATION: &str = session_columns!(
    "WHERE s.application_key = ?1 AND s.ended_at IS NULL AND s.due_at > ?2 AND s.key < ?3 AND (s.nameless = 0 OR s.user_key IS NOT NULL) ORDER BY s.key DESC LIMIT ?4"
);

/// Values: the user, the time, how many.
pub(super) const OF_USER: &str = session_columns!(
    "WHERE s.user_key = ?1 AND s.ended_at IS NULL AND s.due_at > ?2 ORDER BY s.key DESC LIMIT ?3"
);

impl Database {
    /// Sessions of an application that have not ended, the newest first: `most` of those before the session `before`.
    pub async fn sessions_of(
        &self,
        application: ApplicationKey,
        before: Option<SessionKey>,
        most: u32,
    ) -> Result<Vec<OpenSession>, StorageError> {
        self.read_many(move |tx| {
            Box::pin(async move {
                let now = tx.now();
                let before = before.unwrap_or(SessionKey(i64::MAX));
                let values = [application.into(), now.into(), before.into(), i64::from(most).into()];
                let rows = tx.query(OF_APPLICATION, &values).await?;
                rows.iter().map(|row| open_session(row, now)).collect()
            })
        })
        .await
    }

    /// One of them; None when it has ended or is another application's.
    pub async fn session_of(
        &self,
        application: ApplicationKey,
        session: SessionKey,
    ) -> Result<Option<OpenSession>, StorageError> {
        let next = SessionKey(session.0.saturating_add(1));
        let found = self.sessions_of(application, Some(next), 1).await?;
        Ok(found.into_iter().find(|found| found.key == session))
    }

    /// Ends a session and writes down who did it. None when there is none that has not ended, or it is another application's.
    pub async fn end_session(
        &self,
        application: ApplicationKey,
        session: SessionKey,
        by: Actor,
        noted: Noted,
    ) -> Result<Option<Ended>, StorageError> {
        self.write_by(by, Right::In(application, Act::EndSessions), move |tx| {
            Box::pin(async move {
                let sql = "SELECT s.user_key, u.id FROM sessions s LEFT JOIN users u ON u.key = s.user_key
                           WHERE s.key = ?1 AND s.application_key = ?2";
                let Some(row) = tx.query_one(sql, &[session.into(), application.into()]).await? else {
                    return Ok(None);
                };
                match timeline_rows::end_as(tx, session, Event::LoggedOut, Ending::InConsole).await? {
                    Some(timeline_rows::Applied::Changed(_)) => {}
                    _ => return Ok(None),
                }
                let subject = row.optional_text(1)?.map(str::to_owned);
                note(tx, &Noted { subject, ..noted }).await?;
                Ok(Some(Ended { user: row.optional_key(0)? }))
            })
        })
        .await
    }
}

/// A number that changes when the list does.
pub fn stamp(sessions: &[OpenSession]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for session in sessions {
        (session.key, session.state.word(), session.due_at.0).hash(&mut hasher);
    }
    hasher.finish()
}

/// From the columns of `session_columns!`.
pub(super) fn open_session(row: &Row, now: UnixSeconds) -> Result<OpenSession, StorageError> {
    let timeline = timeline_rows::timeline(row, 3)?;
    Ok(OpenSession {
        key: row.key(0)?,
        user: row.optional_key(1)?,
        user_id: row.optional_text(2)?.unwrap_or_default().to_owned(),
        state: timeline.state_at(now),
        asked_at: row.seconds(6)?,
        activated_at: row.optional_seconds(7)?,
        due_at: row.seconds(4)?,
        platform: row.optional_text(8)?.map(str::to_owned),
    })
}
