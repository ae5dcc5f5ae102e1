//! Questions put to phones, and their answers.

use std::collections::BTreeSet;

use iampass_core::wire::AuthenticationMethod;
use iampass_core::{ApplicationId, AuthRequestId, Secret, UnixSeconds, UserToken};
use iampass_server_domain::UnverifiedMethods;
use iampass_server_domain::rules::{self, Event, State};

use super::audit::note_sign_in;
use super::timeline_rows::{self, Applied};
use super::{
    ApplicationKey, Browser, Database, DeviceKey, Sealed, SessionKey, SpentNonce, StorageError, Tx, UserKey,
    applications, denials, users,
};

/// A question, as it signs.
#[derive(Clone, Copy, Debug)]
pub struct QuestionKey {
    /// The session.
    pub session: SessionKey,
    /// The application.
    pub application: ApplicationKey,
    /// The user; None when deleted.
    pub user: Option<UserKey>,
}

/// A question as its phone sees it.
#[derive(Clone, Debug)]
pub struct Question {
    /// Its id.
    pub id: AuthRequestId,
    /// The secret that the phone signs with.
    pub secret: Secret,
    /// The id of the application.
    pub application_id: ApplicationId,
    /// The name of the application.
    pub application_name: String,
    /// The id of the user.
    pub user_id: UserToken,
    /// The methods that the user is asked for.
    pub methods: Vec<AuthenticationMethod>,
    /// When the question was put.
    pub asked_at: UnixSeconds,
    /// When the answer is due.
    pub due_at: UnixSeconds,
}

/// The outcome of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerOutcome {
    /// It was taken; the session is in this state now.
    Taken(State),
    /// The question is not open any more.
    TooLate,
}

impl Database {
    /// The question with this id, and its secret.
    pub async fn question(&self, id: &str) -> Result<Option<(Secret, QuestionKey)>, StorageError> {
        let id = id.to_owned();
        self.read(move |tx| {
            Box::pin(async move {
                let sql = "SELECT request_secret, key, user_key, application_key FROM sessions WHERE request_id = ?1";
                let Some(row) = tx.query_one(sql, &[(&id).into()]).await? else { return Ok(None) };
                let secret = tx.open(Sealed::Question, &id, row.bytes(0)?)?;
                let (session, user, application) = (row.key(1)?, row.optional_key(2)?, row.key(3)?);
                Ok(Some((secret, QuestionKey { session, application, user })))
            })
        })
        .await
    }

    /// The questions that wait for a phone at `now`, oldest first. None when the phone is not registered any more.
    pub async fn questions(
        &self,
        device: DeviceKey,
        user: UserKey,
        now: UnixSeconds,
    ) -> Result<Option<Vec<Question>>, StorageError> {
        self.read(move |tx| {
            Box::pin(async move {
                if !super::devices::exists(tx, device).await? {
                    return Ok(None);
                }
                waiting(tx, device, user, now).await.map(Some)
            })
        })
        .await
    }

    /// The phone shows the question.
    pub async fn pick_up(
        &self,
        session: SessionKey,
        spent: SpentNonce,
    ) -> Result<AnswerOutcome, StorageError> {
        self.write_spending(spent, move |tx| Box::pin(apply(tx, session, Event::PickedUp))).await
    }

    /// Takes the phone's answer. The answer must hold the data that the session's methods ask for.
    pub async fn answer(
        &self,
        question: QuestionKey,
        answer: iampass_core::wire::Identification,
        unverified: UnverifiedMethods,
        spent: SpentNonce,
    ) -> Result<AnswerOutcome, StorageError> {
        self.write_spending(spent, move |tx| {
            Box::pin(async move {
                let QuestionKey { session, user, .. } = question;
                // The lock of the user comes before that of the session, as everywhere.
                let user = match user {
                    Some(user) if users::lock_key(tx, user).await? => Some(user),
                    _ => None,
                };
                let sql = "SELECT methods, known_browser FROM sessions WHERE key = ?1";
                let Some(row) = tx.query_one(sql, &[session.into()]).await? else {
                    return Ok(AnswerOutcome::TooLate);
                };
                let methods = read_methods(row.text(0)?)?;
                let browser = Browser::from_column(row.integer(1)?);
                let event = match answer.accepted {
                    false => Event::Denied,
                    true if rules::brings_what_was_asked(&methods, &answer.collected, unverified) => {
                        Event::Accepted
                    }
                    true => Event::ProofMissing,
                };
                let outcome = apply(tx, session, event).await?;
                if let (AnswerOutcome::Taken(_), Some(user)) = (outcome, user) {
                    remember(tx, user, browser, event).await?;
                }
                Ok(outcome)
            })
        })
        .await
    }
}

/// A denial is counted, an accepted login ends the count. A login that failed for want of proof does neither.
async fn remember(
    tx: &mut Tx<'_>,
    user: UserKey,
    browser: Browser,
    event: Event,
) -> Result<(), StorageError> {
    match event {
        Event::Denied => {
            let now = tx.now();
            denials::count(tx, user, browser, now).await
        }
        Event::Accepted => {
            denials::forget(tx, user, browser).await?;
            note_sign_in(tx, user).await
        }
        _ => Ok(()),
    }
}

async fn apply(tx: &mut Tx<'_>, session: SessionKey, event: Event) -> Result<AnswerOutcome, StorageError> {
    Ok(match timeline_rows::apply(tx, session, event).await? {
        Some(Applied::Changed(state)) => AnswerOutcome::Taken(state),
        Some(Applied::NotPossible(_)) | None => AnswerOutcome::TooLate,
    })
}

async fn waiting(
    tx: &mut Tx<'_>,
    device: DeviceKey,
    user: UserKey,
    now: UnixSeconds,
) -> Result<Vec<Question>, StorageError> {
    let sql = "SELECT request_id, request_secret, methods, asked_at, state, due_at FROM sessions
               WHERE device_key = ?1 AND activated_at IS NULL AND ended_at IS NULL ORDER BY key";
    let rows = tx.query(sql, &[device.into()]).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let (application, user_id) = users::identity(tx, user).await?;
    let (application_id, application_name) = applications::id_and_name(tx, application).await?;
    let mut questions = Vec::new();
    for row in &rows {
        let timeline = timeline_rows::timeline(row, 4)?;
        let Some(due_at) = timeline.due_at.filter(|_| timeline.state_at(now).is_in_progress()) else {
            continue;
        };
        let id = row.text(0)?;
        questions.push(Question {
            secret: tx.open(Sealed::Question, id, row.bytes(1)?)?,
            id: AuthRequestId::new(id).map_err(|_| StorageError::Corrupt { what: "request id" })?,
            application_id: application_id.clone(),
            application_name: application_name.clone(),
            user_id: user_id.clone(),
            methods: read_methods(row.text(2)?)?,
            asked_at: row.seconds(3)?,
            due_at,
        });
    }
    Ok(questions)
}

fn read_methods(text: &str) -> Result<Vec<AuthenticationMethod>, StorageError> {
    rules::methods(text).map_err(|_| StorageError::Corrupt { what: "list of methods" })
}

/// The ids of questions, to compare with those that a phone knows.
pub fn ids(questions: &[Question]) -> BTreeSet<&str> {
    questions.iter().map(|question| question.id.as_str()).collect()
}
