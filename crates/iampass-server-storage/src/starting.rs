//! Starting a session: a question is put to the user's phone.

use std::time::Duration;

use iampass_core::wire::AuthenticationMethod;
use iampass_core::{UnixSeconds, UserToken};
use iampass_server_domain::credentials::SessionCredentials;
use iampass_server_domain::rules::Timeline;

use super::{
    ApplicationKey, Browser, Database, Sealed, SpentNonce, StorageError, Tx, UserKey, applications, denials,
    devices, timeline_rows, users,
};

/// A session that is to be started.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// The application.
    pub application: ApplicationKey,
    /// The user whose phone is asked.
    pub user: UserToken,
    /// The methods that the user is asked for.
    pub methods: Vec<AuthenticationMethod>,
    /// How long the session lasts.
    pub duration: Duration,
    /// How long the phone has to answer.
    pub answer_timeout: Duration,
    /// Questions that may wait for one user at a time.
    pub most_pending: usize,
    /// Whether the application knows the browser.
    pub browser: Browser,
    /// Its credentials.
    pub credentials: SessionCredentials,
}

/// The outcome of starting a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartOutcome {
    /// The phone of this user is asked; the answer is due at this time.
    Started {
        /// The user.
        user: UserKey,
        /// When the answer is due.
        due_at: Option<UnixSeconds>,
    },
    /// There is no such user.
    UnknownUser,
    /// The application is disabled.
    Disabled,
    /// The user has no phone.
    NoDevice,
    /// The user has denied the last requests: none is put for a while.
    TooManyDenials,
    /// Too many questions are waiting; the oldest gives way after this time.
    TooManyPending {
        /// After this time.
        retry_after: Duration,
    },
}

impl Database {
    /// Starts a session, unless something stands against it.
    pub async fn start_session(
        &self,
        new: NewSession,
        spent: SpentNonce,
    ) -> Result<StartOutcome, StorageError> {
        self.write_spending(spent, move |tx| Box::pin(async move { start(tx, &new).await })).await
    }
}

async fn start(tx: &mut Tx<'_>, new: &NewSession) -> Result<StartOutcome, StorageError> {
    let Some(user) = users::lock(tx, new.application, &new.user).await? else {
        return Ok(StartOutcome::UnknownUser);
    };
    let Some(device) = devices::of_user(tx, user).await? else { return Ok(StartOutcome::NoDevice) };
    let now = tx.now();
    if denials::pause_left(tx, user, new.browser, now).await?.is_some() {
        return Ok(StartOutcome::TooManyDenials);
    }
    let waiting = waiting(tx, user, now).await?;
    if waiting.len() >= new.most_pending {
        let first = waiting.into_iter().min().unwrap_or(now);
        return Ok(StartOutcome::TooManyPending { retry_after: first.since(now) });
    }
    let timeline = Timeline::asked(now, new.answer_timeout);
    let credentials = &new.credentials;
    let (token, request_id) = (credentials.token.as_str(), credentials.request_id.as_str());
    let secret = tx.seal(Sealed::Session, token, credentials.secret.expose())?;
    let request_secret = tx.seal(Sealed::Question, request_id, credentials.request_secret.expose())?;
    tx.execute(
        "INSERT INTO sessions (token, secret, request_id, request_secret, application_key, user_key, device_key, methods,
                               duration_seconds, state, asked_at, due_at, known_browser)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        &[
            token.into(),
            (&secret).into(),
            request_id.into(),
            (&request_secret).into(),
            new.application.into(),
            user.into(),
            device.into(),
            (&applications::words(&new.methods)).into(),
            UnixSeconds(new.duration.as_secs()).into(),
            timeline.state.word().into(),
            now.into(),
            timeline.due_at.into(),
            new.browser.column().into(),
        ],
    )
    .await?;
    // Re-check after the INSERT: a concurrent disable ends the sessions that exist. The row that refers to the application orders us before
    // or after it.
    let enabled = "SELECT 1 FROM applications WHERE key = ?1 AND disabled_at IS NULL";
    if tx.query_one(enabled, &[new.application.into()]).await?.is_none() {
        tx.execute("DELETE FROM sessions WHERE token = ?1", &[token.into()]).await?;
        return Ok(StartOutcome::Disabled);
    }
    tx.raised().user(user);
    if let Some(due_at) = timeline.due_at {
        tx.raised().deadline(due_at);
    }
    Ok(StartOutcome::Started { user, due_at: timeline.due_at })
}

/// When the questions that wait for this user time out.
async fn waiting(tx: &mut Tx<'_>, user: UserKey, now: UnixSeconds) -> Result<Vec<UnixSeconds>, StorageError> {
    let sql = "SELECT state, due_at FROM sessions WHERE user_key = ?1 AND ended_at IS NULL";
    let mut waiting = Vec::new();
    for row in tx.query(sql, &[user.into()]).await? {
        let timeline = timeline_rows::timeline(&row, 0)?;
        if timeline.state_at(now).is_in_progress() {
            waiting.extend(timeline.due_at);
        }
    }
    Ok(waiting)
}
