//! Starting a session: a question is put to the user's phone.

use std::time::Duration;

use iampass_core::wire::AuthenticationMethod;
use iampass_core::{AuthRequestId, Secret, SessionToken, UnixSeconds, UserToken};
use rusqlite::{Connection, params};

use super::nonces::seconds;
use super::{ApplicationKey, Database, SpentNonce, StorageError, UserKey, devices, timeline_rows, users};
use crate::random;
use crate::rules::Timeline;

/// A session that is to be started.
#[derive(Clone, Debug)]
pub(crate) struct NewSession {
    pub(crate) application: ApplicationKey,
    pub(crate) user: UserToken,
    pub(crate) methods: Vec<AuthenticationMethod>,
    pub(crate) duration: Duration,
    pub(crate) answer_timeout: Duration,
    /// Questions that may wait for one user at a time.
    pub(crate) most_pending: usize,
    pub(crate) credentials: SessionCredentials,
}

/// What the application and the phone sign with.
#[derive(Clone, Debug)]
pub(crate) struct SessionCredentials {
    pub(crate) token: SessionToken,
    pub(crate) secret: Secret,
    request_id: AuthRequestId,
    request_secret: Secret,
}

impl SessionCredentials {
    /// Fresh ones, in the form that issued ones have.
    pub(crate) fn draw() -> Result<Self, StorageError> {
        let corrupt = |_| StorageError::Corrupt { what: "drawn id" };
        Ok(Self {
            token: SessionToken::new(random::hexadecimal::<20>()?).map_err(corrupt)?,
            secret: Secret::new(random::alphanumeric(32)?),
            request_id: AuthRequestId::new(random::hexadecimal::<16>()?).map_err(corrupt)?,
            request_secret: Secret::new(random::alphanumeric(32)?),
        })
    }
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StartOutcome {
    /// The phone of this user is asked; the answer is due at this time.
    Started {
        user: UserKey,
        due_at: Option<UnixSeconds>,
    },
    UnknownUser,
    NoDevice,
    /// Too many questions are waiting; the oldest gives way after this time.
    TooManyPending {
        retry_after: Duration,
    },
}

impl Database {
    /// Starts a session, unless something stands against it.
    pub(crate) async fn start_session(
        &self,
        new: NewSession,
        spent: SpentNonce,
    ) -> Result<StartOutcome, StorageError> {
        self.write_spending(spent, move |connection, now| start(connection, &new, now)).await
    }
}

fn start(connection: &Connection, new: &NewSession, now: UnixSeconds) -> Result<StartOutcome, StorageError> {
    let Some(user) = users::find(connection, new.application, &new.user)? else {
        return Ok(StartOutcome::UnknownUser);
    };
    let Some(device) = devices::of_user(connection, user)? else { return Ok(StartOutcome::NoDevice) };
    let waiting = waiting(connection, user, now)?;
    if waiting.len() >= new.most_pending {
        let first = waiting.into_iter().min().unwrap_or(now);
        return Ok(StartOutcome::TooManyPending { retry_after: first.since(now) });
    }
    let timeline = Timeline::asked(now, new.answer_timeout);
    let methods: Vec<&str> = new.methods.iter().map(AuthenticationMethod::as_str).collect();
    let credentials = &new.credentials;
    connection
        .prepare_cached(
            "INSERT INTO sessions (token, secret, request_id, request_secret, application, user, device, methods,
                                   duration_seconds, state, asked_at, due_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?
        .execute(params![
            credentials.token.as_str(),
            credentials.secret.expose(),
            credentials.request_id.as_str(),
            credentials.request_secret.expose(),
            new.application,
            user,
            device,
            methods.join(","),
            seconds(UnixSeconds(new.duration.as_secs())),
            timeline.state.word(),
            seconds(now),
            timeline.due_at.map(seconds),
        ])?;
    Ok(StartOutcome::Started { user, due_at: timeline.due_at })
}

/// When the questions that wait for this user time out.
fn waiting(
    connection: &Connection,
    user: UserKey,
    now: UnixSeconds,
) -> Result<Vec<UnixSeconds>, StorageError> {
    let mut statement = connection
        .prepare_cached("SELECT state, due_at FROM sessions WHERE user = ?1 AND ended_at IS NULL")?;
    let timelines = statement.query_map([user], |row| timeline_rows::timeline(row, "state", "due_at"))?;
    let mut waiting = Vec::new();
    for timeline in timelines {
        let timeline = timeline?;
        if timeline.state_at(now).is_in_progress() {
            waiting.extend(timeline.due_at);
        }
    }
    Ok(waiting)
}
