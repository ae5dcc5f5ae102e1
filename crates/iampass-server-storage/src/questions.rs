//! Questions put to phones, as they are stored and shown. Does not belong here: what an answer has to bring ([`super::answering`]).

use std::collections::BTreeSet;
use std::time::Duration;

use iampass_core::wire::{AuthenticationMethod, Identification};
use iampass_core::{ApplicationId, AuthRequestId, Secret, UnixSeconds, UserToken};
use iampass_server_domain::rules::{self, Event, Lacking, State};

use super::counted_to::counted_to;
use super::timeline_rows::{self, Applied};
use super::{
    Answerer, Answerers, AskedQuestion, Browser, CountedTo, Database, Device, DeviceKey, QuestionKey, Row,
    Sealed, Sealer, SessionKey, SpentNonce, StorageError, Tx, Unlocked, UserKey, device_rows, users,
};

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
    /// Whether an acceptance has to bring what the browser shows.
    pub needs_code: bool,
    /// Whether the application knows the browser.
    pub browser: Browser,
    /// The browser's name.
    pub browser_name: Option<String>,
    /// The browser's address.
    pub address: Option<String>,
    /// Whether it was put to all phones of the user.
    pub is_for_all: bool,
    /// The parts of its row that foretell who signs its answer.
    pub(crate) stored: StoredQuestion,
}

/// The parts of a question's row that foretell who signs its answer.
#[derive(Clone)]
pub(crate) struct StoredQuestion {
    /// The session.
    pub(crate) session: SessionKey,
    /// Its secret, as it is stored.
    pub(crate) sealed: Vec<u8>,
}

impl std::fmt::Debug for StoredQuestion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredQuestion").field("session", &self.session).finish_non_exhaustive()
    }
}

/// The questions that wait for a phone.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The questions, oldest first.
    pub questions: Vec<Question>,
    /// The number of the last thing that became of the phones of the user.
    pub phones_event: Option<u64>,
}

/// The outcome of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerOutcome {
    /// It was taken; the session is in this state now.
    Taken(State),
    /// It was accepted by the link of a login page. It counts when the browser that began the login comes back with the proof.
    Returning {
        /// Where the phone's own browser is to go with the proof.
        return_to: String,
    },
    /// The question is not open any more.
    TooLate,
    /// It was accepted without what the browser shows. Nothing has changed.
    CodeRequired,
    /// The browser shows something else.
    WrongCode {
        /// How many more may be wrong; with none left, the login has failed.
        left: u64,
    },
    /// Too many wrong codes were brought for this user: none is taken for a while.
    TooManyWrong {
        /// After this time.
        retry_after: Duration,
    },
    /// It was accepted by a phone that may not answer for the application, or not without this. Nothing has changed.
    NotAllowed(Lacking),
    /// The challenge that was answered was used or replaced in the meantime. Nothing has changed.
    ChallengeUsed,
}

/// The answer of a phone to a question.
#[derive(Clone, Debug)]
pub struct PhoneAnswer {
    /// The answer itself.
    pub identification: Identification,
    /// The phone whose own key has signed it, which was verified. None for a phone without a key.
    pub signed_by: Option<DeviceKey>,
    /// A fresh secret of 128 bits: the proof of the answer, if it came by a link.
    pub return_proof: Secret,
    /// The unlocking that it carries, if that was verified.
    pub unlocked: Option<Unlocked>,
}

impl Database {
    /// The question with this id, and its secret.
    pub async fn question(&self, id: &str) -> Result<Option<(Secret, AskedQuestion)>, StorageError> {
        let owned = id.to_owned();
        let found = self.read(move |tx| {
            let id = owned;
            Box::pin(async move {
                let Some(row) = tx.query_one(QUESTION, &[(&id).into()]).await? else { return Ok(None) };
                let secret = tx.open(Sealed::Question, &id, row.bytes(0)?)?;
                let all_of = asks_all(&row)?;
                let phones = match all_of {
                    Some(user) => tx.query(ALL_WITH_KEYS, &[user.into()]).await?,
                    None => Vec::new(),
                };
                Ok(Some((row.bytes(0)?.to_vec(), secret, read_asked(&row, &phones)?, all_of)))
            })
        });
        Ok(found.await?.map(|(sealed, secret, asked, all_of)| {
            self.remembering(|remembered| {
                if let (Some(user), Answerers::Keys(phones)) = (all_of, &asked.answerers) {
                    remembered.keep_phones(user, phones.clone());
                }
                remembered.keep_question(id, sealed, asked.clone());
            });
            (secret, asked)
        }))
    }

    /// The questions that wait for a phone at `now`. None when the phone is not registered any more.
    pub async fn questions(
        &self,
        device: DeviceKey,
        user: UserKey,
        now: UnixSeconds,
    ) -> Result<Option<Waiting>, StorageError> {
        self.read(move |tx| {
            Box::pin(async move {
                let rows = tx.query(FETCHED, &[user.into(), device.into()]).await?;
                read_fetched(tx.sealer(), &rows, now)
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
}

/// The statement that finds a question by its id.
pub(super) const QUESTION: &str = concat!(
    "SELECT s.request_secret, s.key, s.user_key, s.application_key, d.public_key, d.id, a.id, u.id, s.methods, s.device_key, s.ended_at, ",
    counted_to!("s.application_key"),
    " FROM sessions s JOIN applications a ON a.key = s.application_key
      LEFT JOIN devices d ON d.key = s.device_key LEFT JOIN users u ON u.key = s.user_key
      WHERE s.request_id = ?1"
);

/// The statement for the phones of a user. Those that have a key may answer a question that was put to all.
pub(super) const ALL_WITH_KEYS: &str =
    "SELECT d.key, d.public_key, d.id, a.id, u.id FROM devices d JOIN users u ON u.key = d.user_key
     JOIN applications a ON a.key = u.application_key WHERE d.user_key = ?1 ORDER BY d.key";

/// The user all of whose phones are asked, by a row of [`QUESTION`]. None where it was put to one phone, or is over, or its user is gone.
fn asks_all(row: &Row) -> Result<Option<UserKey>, StorageError> {
    match (row.optional_key::<DeviceKey>(9)?, row.optional_seconds(10)?) {
        (None, None) => row.optional_key(2),
        _ => Ok(None),
    }
}

/// Reads a row of [`QUESTION`]; `phones` are the rows of [`ALL_WITH_KEYS`], where they are asked for.
pub(super) fn read_asked(row: &Row, phones: &[Row]) -> Result<AskedQuestion, StorageError> {
    let key = QuestionKey { session: row.key(1)?, application: row.key(3)?, user: row.optional_key(2)? };
    let methods = read_methods(row.text(8)?)?;
    let counted_to = CountedTo::of(key.application, row.optional_key(11)?);
    let answerers = match (row.optional_key(9)?, device_rows::signer(row, 4)?, asks_all(row)?) {
        (Some(device), Some(signer), _) => Answerers::Keys(vec![Answerer { device, signer }]),
        (Some(_), None, _) => Answerers::Shared,
        // It is over, whatever comes, which the phone has to be told.
        (None, ..) if row.optional_seconds(10)?.is_some() => Answerers::Shared,
        (None, _, Some(_)) => Answerers::Keys(all_with_keys(phones)?),
        (None, _, None) => Answerers::Keys(Vec::new()),
    };
    Ok(AskedQuestion { key, counted_to, answerers, methods })
}

/// The phones among these that have a key.
fn all_with_keys(phones: &[Row]) -> Result<Vec<Answerer>, StorageError> {
    let mut answerers = Vec::new();
    for row in phones {
        if let Some(signer) = device_rows::signer(row, 1)? {
            answerers.push(Answerer { device: row.key(0)?, signer });
        }
    }
    Ok(answerers)
}

/// Applies the event to the session of a question.
pub(super) async fn apply(
    tx: &mut Tx<'_>,
    session: SessionKey,
    event: Event,
) -> Result<AnswerOutcome, StorageError> {
    Ok(timeline_rows::apply(tx, session, event).await?.map_or(AnswerOutcome::TooLate, outcome))
}

/// The outcome of an answer that was applied.
pub(super) fn outcome(applied: Applied) -> AnswerOutcome {
    match applied {
        Applied::Changed(state) => AnswerOutcome::Taken(state),
        Applied::NotPossible(_) => AnswerOutcome::TooLate,
    }
}

pub(super) const ON_PHONE: &str =
    "SELECT request_id, request_secret, methods, asked_at, state, due_at, code_tag, known_browser, browser, address, device_key, key
     FROM sessions /*open of user*/
     WHERE user_key = ?1 AND ended_at IS NULL AND (device_key = ?2 OR device_key IS NULL) AND activated_at IS NULL AND on_phone = 1 ORDER BY key";

/// The questions that are on this phone, oldest first. Silent ones are not, until they were brought.
pub(super) async fn waiting(
    tx: &mut Tx<'_>,
    device: DeviceKey,
    user: UserKey,
    now: UnixSeconds,
) -> Result<Vec<Question>, StorageError> {
    let rows = tx.query(ON_PHONE, &[user.into(), device.into()]).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let Some(named) = users::named(tx, user).await? else { return Ok(Vec::new()) };
    that_wait(tx.sealer(), &rows, &named, now)
}

/// The questions of [`Database::questions`], with all that is told of them: the columns of [`ON_PHONE`], the last event, and the names. One statement,
/// since this is what phones ask again and again.
pub(super) const FETCHED: &str =
    "SELECT s.request_id, s.request_secret, s.methods, s.asked_at, s.state, s.due_at, s.code_tag, s.known_browser, s.browser, s.address, s.device_key, s.key,
            (SELECT max(e.key) FROM phone_events e WHERE e.user_key = d.user_key), u.id, a.id, a.name, a.walkaway
     FROM devices d JOIN users u ON u.key = d.user_key JOIN applications a ON a.key = u.application_key
          LEFT JOIN sessions AS s /*open of user*/ ON s.user_key = ?1 AND s.ended_at IS NULL
              AND (s.device_key = ?2 OR s.device_key IS NULL) AND s.activated_at IS NULL AND s.on_phone = 1
     WHERE d.key = ?2 AND d.user_key = ?1 ORDER BY s.key";

/// Reads the rows of [`FETCHED`]: what waits at `now`. None when the phone is not registered any more.
pub(super) fn read_fetched(
    sealer: &Sealer,
    rows: &[Row],
    now: UnixSeconds,
) -> Result<Option<Waiting>, StorageError> {
    // Even without a question there is a row of the phone.
    let Some(first) = rows.first() else { return Ok(None) };
    let phones_event = first.optional_integer(12)?.map(i64::unsigned_abs);
    let named = users::read_named(first, 13)?;
    let questions = match first.optional_text(0)? {
        Some(_) => that_wait(sealer, rows, &named, now)?,
        None => Vec::new(),
    };
    Ok(Some(Waiting { questions, phones_event }))
}

/// Reads the rows of [`ON_PHONE`]; those that wait.
fn that_wait(
    sealer: &Sealer,
    rows: &[Row],
    named: &users::Named,
    now: UnixSeconds,
) -> Result<Vec<Question>, StorageError> {
    let mut questions = Vec::new();
    for row in rows {
        let timeline = timeline_rows::asked(row, 4)?;
        let Some(due_at) = timeline.due_at.filter(|_| timeline.state_at(now).is_in_progress()) else {
            continue;
        };
        let id = row.text(0)?;
        questions.push(Question {
            secret: sealer.open(Sealed::Question, id, row.bytes(1)?)?,
            stored: StoredQuestion { session: row.key(11)?, sealed: row.bytes(1)?.to_vec() },
            id: AuthRequestId::new(id).map_err(|_| StorageError::Corrupt { what: "request id" })?,
            application_id: named.application_id.clone(),
            application_name: named.application_name.clone(),
            user_id: named.id.clone(),
            methods: read_methods(row.text(2)?)?,
            asked_at: row.seconds(3)?,
            due_at,
            needs_code: row.optional_bytes(6)?.is_some(),
            browser: Browser::from_column(row.integer(7)?),
            browser_name: row.optional_text(8)?.map(str::to_owned),
            address: row.optional_text(9)?.map(str::to_owned),
            is_for_all: row.optional_integer(10)?.is_none(),
        });
    }
    Ok(questions)
}

/// The question that has just come to the phone. None when it does not wait there.
pub(super) async fn on_phone(
    tx: &mut Tx<'_>,
    device: &Device,
    id: &str,
) -> Result<Option<Question>, StorageError> {
    tx.raised().user(device.user);
    let now = tx.now();
    let waiting = waiting(tx, device.key, device.user, now).await?;
    Ok(waiting.into_iter().find(|question| question.id.as_str() == id))
}

pub(super) fn read_methods(text: &str) -> Result<Vec<AuthenticationMethod>, StorageError> {
    rules::methods(text).map_err(|_| StorageError::Corrupt { what: "list of methods" })
}

/// The ids of questions, to compare with those that a phone knows.
pub fn ids(questions: &[Question]) -> BTreeSet<&str> {
    questions.iter().map(|question| question.id.as_str()).collect()
}
