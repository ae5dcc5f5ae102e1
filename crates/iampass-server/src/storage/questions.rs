//! Questions put to phones, and their answers.

use std::collections::BTreeSet;

use iampass_core::wire::AuthenticationMethod;
use iampass_core::{ApplicationId, AuthRequestId, Secret, UnixSeconds, UserToken};
use rusqlite::{Connection, OptionalExtension as _};

use super::nonces::unix;
use super::timeline_rows::{self, Applied};
use super::{Database, DeviceKey, SessionKey, SpentNonce, StorageError, UserKey, applications, users};
use crate::rules::{self, Event, State};

/// A question, as it signs.
#[derive(Clone, Debug)]
pub(crate) struct QuestionKey {
    pub(crate) session: SessionKey,
    pub(crate) user: Option<UserKey>,
}

/// A question as its phone sees it.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) id: AuthRequestId,
    pub(crate) secret: Secret,
    pub(crate) application_id: ApplicationId,
    pub(crate) application_name: String,
    pub(crate) user_id: UserToken,
    pub(crate) methods: Vec<AuthenticationMethod>,
    pub(crate) asked_at: UnixSeconds,
    pub(crate) due_at: UnixSeconds,
}

/// What became of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AnswerOutcome {
    /// It was taken; the session is in this state now.
    Taken(State),
    /// The question is not open any more.
    TooLate,
}

impl Database {
    /// The question with this id, and its secret.
    pub(crate) fn question(&self, id: &str) -> Result<Option<(Secret, QuestionKey)>, StorageError> {
        self.read(|connection| {
            let found = connection
                .prepare_cached("SELECT request_secret, key, user FROM sessions WHERE request_id = ?1")?
                .query_row([id], |row| {
                    let secret: String = row.get(0)?;
                    Ok((Secret::new(secret), QuestionKey { session: row.get(1)?, user: row.get(2)? }))
                })
                .optional()?;
            Ok(found)
        })
    }

    /// The questions that wait for a phone at `now`, oldest first. None when the phone is not registered any more.
    pub(crate) fn questions(
        &self,
        device: DeviceKey,
        user: UserKey,
        now: UnixSeconds,
    ) -> Result<Option<Vec<Question>>, StorageError> {
        self.read(|connection| {
            if !super::devices::exists(connection, device)? {
                return Ok(None);
            }
            waiting(connection, device, user, now).map(Some)
        })
    }

    /// The phone shows the question.
    pub(crate) async fn pick_up(
        &self,
        session: SessionKey,
        spent: SpentNonce,
    ) -> Result<AnswerOutcome, StorageError> {
        self.write_spending(spent, move |connection, now| apply(connection, session, Event::PickedUp, now))
            .await
    }

    /// The phone answers. What it has to have brought is what the session's methods ask for.
    pub(crate) async fn answer(
        &self,
        session: SessionKey,
        answer: iampass_core::wire::Identification,
        spent: SpentNonce,
    ) -> Result<AnswerOutcome, StorageError> {
        self.write_spending(spent, move |connection, now| {
            let methods: Option<String> = connection
                .prepare_cached("SELECT methods FROM sessions WHERE key = ?1")?
                .query_row([session], |row| row.get(0))
                .optional()?;
            let Some(methods) = methods else { return Ok(AnswerOutcome::TooLate) };
            let event = match answer.accepted {
                false => Event::Denied,
                true if rules::brings_what_was_asked(&read_methods(&methods)?, &answer.collected) => {
                    Event::Accepted
                }
                true => Event::ProofMissing,
            };
            apply(connection, session, event, now)
        })
        .await
    }
}

fn apply(
    connection: &Connection,
    session: SessionKey,
    event: Event,
    now: UnixSeconds,
) -> Result<AnswerOutcome, StorageError> {
    Ok(match timeline_rows::apply(connection, session, event, now)? {
        Some(Applied::Changed(state)) => AnswerOutcome::Taken(state),
        Some(Applied::NotPossible(_)) | None => AnswerOutcome::TooLate,
    })
}

fn waiting(
    connection: &Connection,
    device: DeviceKey,
    user: UserKey,
    now: UnixSeconds,
) -> Result<Vec<Question>, StorageError> {
    let mut statement = connection.prepare_cached(
        "SELECT request_id, request_secret, methods, asked_at, state, due_at FROM sessions
         WHERE device = ?1 AND activated_at IS NULL AND ended_at IS NULL ORDER BY key",
    )?;
    let mut rows = statement.query([device])?;
    let mut questions = Vec::new();
    let mut names = None;
    while let Some(row) = rows.next()? {
        let timeline = timeline_rows::timeline(row, "state", "due_at")?;
        let Some(due_at) = timeline.due_at.filter(|_| timeline.state_at(now).is_in_progress()) else {
            continue;
        };
        if names.is_none() {
            let (application, user_id) = users::identity(connection, user)?;
            let (id, name) = applications::id_and_name(connection, application)?;
            names = Some((id, name, user_id));
        }
        let Some((application_id, application_name, user_id)) = names.clone() else { continue };
        let (id, secret): (String, String) = (row.get("request_id")?, row.get("request_secret")?);
        questions.push(Question {
            id: AuthRequestId::new(id).map_err(|_| StorageError::Corrupt { what: "request id" })?,
            secret: Secret::new(secret),
            application_id,
            application_name,
            user_id,
            methods: read_methods(row.get_ref("methods")?.as_str().map_err(rusqlite::Error::from)?)?,
            asked_at: unix(row.get("asked_at")?),
            due_at,
        });
    }
    Ok(questions)
}

fn read_methods(text: &str) -> Result<Vec<AuthenticationMethod>, StorageError> {
    rules::methods(text).map_err(|_| StorageError::Corrupt { what: "list of methods" })
}

/// The ids of questions, to compare with those that a phone knows.
pub(crate) fn ids(questions: &[Question]) -> BTreeSet<&str> {
    questions.iter().map(|question| question.id.as_str()).collect()
}
