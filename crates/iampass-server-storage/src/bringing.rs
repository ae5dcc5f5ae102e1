//! Bringing by a phone: it sends what a browser shows, and gets the question of that browser. Does not belong here: comparing
//! ([`super::confirmations`]), and the answer ([`super::answering`]).

use std::time::Duration;

use iampass_core::signing::{MovingCode, ReturnLink};
use iampass_core::wire::Shown;
use iampass_server_domain::rules::State;

use super::confirmations::{Tags, moving_secret};
use super::questions::{self, Question};
use super::{Database, Device, Sealed, SessionKey, SpentNonce, StorageError, Tx, device_rows, timeline_rows};
use super::{returning, users, wrong_codes};

/// The outcome of bringing what a browser shows.
#[derive(Clone, Debug)]
pub enum BringOutcome {
    /// This question is on the phone now.
    Brought(Box<Question>),
    /// No open question of this user shows it.
    WrongCode,
    /// Too many wrong codes were brought: none is taken for a while.
    TooManyWrong {
        /// After this time.
        retry_after: Duration,
    },
    /// The phone is not registered any more.
    UnknownDevice,
}

impl BringOutcome {
    fn of(question: Option<Question>) -> Self {
        question.map_or(Self::WrongCode, |question| Self::Brought(Box::new(question)))
    }
}

impl Database {
    /// A phone brings what a browser shows: the question of that browser is on the phone from then on.
    pub async fn bring(
        &self,
        device: Device,
        shown: Shown,
        spent: SpentNonce,
    ) -> Result<BringOutcome, StorageError> {
        self.write_spending(spent, move |tx| Box::pin(async move { bring(tx, device, &shown).await })).await
    }
}

async fn bring(tx: &mut Tx<'_>, device: Device, shown: &Shown) -> Result<BringOutcome, StorageError> {
    if !users::lock_key(tx, device.user).await? || !device_rows::exists(tx, device.key).await? {
        return Ok(BringOutcome::UnknownDevice);
    }
    // Whatever it brings: its user has it.
    device_rows::used(tx, device.key).await?;
    let now = tx.now();
    if let Shown::Scan(text) = shown
        && let Some(code) = MovingCode::parse(text.expose())
    {
        return claim(tx, device, &code, shown).await;
    }
    if let Shown::Scan(text) = shown
        && let Some(link) = ReturnLink::parse(text.expose())
    {
        return Ok(BringOutcome::of(returning::bring(tx, device, &link).await?));
    }
    let is_code = matches!(shown, Shown::Code(_));
    if is_code && let Some(retry_after) = wrong_codes::pause_left(tx, device.user, now).await? {
        return Ok(BringOutcome::TooManyWrong { retry_after });
    }
    let Some((session, id)) = find(tx, &device, shown).await? else {
        if is_code && !is_of_one_over(tx, &device, shown).await? {
            wrong_codes::count(tx, device.user, now).await?;
        }
        return Ok(BringOutcome::WrongCode);
    };
    // The count of wrong ones stays: anybody can begin a login and show its code. It ends with a login that is granted.
    // A question that rings nowhere comes to this phone alone, and not to the others of its user.
    let sql = "UPDATE sessions SET on_phone = 1, device_key = ?2 WHERE key = ?1 AND on_phone = 0";
    tx.execute(sql, &[session.into(), device.key.into()]).await?;
    Ok(BringOutcome::of(questions::on_phone(tx, &device, &id).await?))
}

/// How old a moving code may be when its phone brings it: a photograph of it is not.
const MOVING_FOR: u64 = 5;

/// How far the clock of the node that started a login may be ahead of the one where its phone brings the code, in seconds. By as much longer a
/// photographed code is good there, so it is little: nodes whose clocks differ by more take no moving codes of one another.
const CLOCKS_DIFFER: u64 = 5;

/// A login without a name becomes that of the phone's user. Only one phone can claim it, and only with a code that is shown right now. That phone
/// may bring it again: it may not have heard the answer.
async fn claim(
    tx: &mut Tx<'_>,
    device: Device,
    code: &MovingCode,
    shown: &Shown,
) -> Result<BringOutcome, StorageError> {
    let sql = "SELECT key, request_secret, asked_at, state, due_at FROM sessions
               WHERE request_id = ?1 AND application_key = ?2 AND nameless = 1 AND (user_key IS NULL OR device_key = ?3) /*lock*/";
    let values = [code.token().into(), device.application.into(), device.key.into()];
    let found = tx.query_one(sql, &values).await?;
    let (Some(row), Some(_)) = (found, &device.signer) else { return Ok(BringOutcome::WrongCode) };
    let now = tx.now();
    let secret = tx.open(Sealed::Question, code.token(), row.bytes(1)?)?;
    let age = now.since(row.seconds(2)?).as_secs();
    // Both clocks count whole seconds, from the start at the service and from its answer.
    let is_shown_now = code.step() <= age + 1 + CLOCKS_DIFFER && age <= code.step() + MOVING_FOR + 1;
    let is_open = timeline_rows::asked(&row, 3)?.state_at(now).is_in_progress();
    if !is_open || !is_shown_now || !code.is_of(&moving_secret(&secret)) {
        return Ok(BringOutcome::WrongCode);
    }
    let tags = Tags::of_scan(&secret, shown);
    let sql = "UPDATE sessions SET user_key = ?2, device_key = ?3, on_phone = 1, code_tag = ?4, scan_tag = ?5 WHERE key = ?1";
    let values = [
        row.key::<SessionKey>(0)?.into(),
        device.user.into(),
        device.key.into(),
        tags.code.as_slice().into(),
        tags.scan.as_slice().into(),
    ];
    tx.execute(sql, &values).await?;
    Ok(BringOutcome::of(questions::on_phone(tx, &device, code.token()).await?))
}

pub(super) const SHOWN: &str =
    "SELECT key, request_id, request_secret, code_tag, scan_tag, state, due_at FROM sessions /*open of user*/
     WHERE user_key = ?1 AND ended_at IS NULL AND (device_key = ?2 OR device_key IS NULL) AND activated_at IS NULL AND code_tag IS NOT NULL";

/// The one open question of the phone whose browser shows this. Where the browsers of two show the same digits, nobody can tell which of them the
/// person has in front, so neither is brought: a stranger may have begun many, to meet the digits of the user's own.
async fn find(
    tx: &mut Tx<'_>,
    device: &Device,
    shown: &Shown,
) -> Result<Option<(SessionKey, String)>, StorageError> {
    let now = tx.now();
    let mut found = None;
    for row in tx.query(SHOWN, &[device.user.into(), device.key.into()]).await? {
        if !timeline_rows::asked(&row, 5)?.state_at(now).is_in_progress() {
            continue;
        }
        let id = row.text(1)?;
        let secret = tx.open(Sealed::Question, id, row.bytes(2)?)?;
        if Tags::read(&row, 3)?.is_some_and(|tags| tags.match_shown(&secret, shown))
            && found.replace((row.key(0)?, id.to_owned())).is_some()
        {
            return Ok(None);
        }
    }
    Ok(found)
}

/// The latest questions of a user among which the digits of one are looked for that has ended without an answer.
const LATEST: i64 = 2_000;

/// Whether the browser of a question that is over without an answer shows these digits: it has given way to others, its time is up, or its application
/// has withdrawn it, as where the same browser begins anew. Its page may still show them, and somebody who reads them there has guessed nothing. A guess meets one of them once in five hundred times at most.
async fn is_of_one_over(tx: &mut Tx<'_>, device: &Device, shown: &Shown) -> Result<bool, StorageError> {
    let sql = "SELECT request_id, request_secret, code_tag, scan_tag FROM
                   (SELECT * FROM sessions WHERE user_key = ?1 ORDER BY asked_at DESC, key DESC LIMIT ?3) AS latest
               WHERE (device_key = ?2 OR device_key IS NULL) AND code_tag IS NOT NULL
               AND (state = ?4 OR (state = ?5 AND activated_at IS NULL))";
    let [timeout, closed] = [State::Timeout, State::Closed].map(State::word);
    let values = [device.user.into(), device.key.into(), LATEST.into(), timeout.into(), closed.into()];
    for row in tx.query(sql, &values).await? {
        let secret = tx.open(Sealed::Question, row.text(0)?, row.bytes(1)?)?;
        if Tags::read(&row, 2)?.is_some_and(|tags| tags.match_shown(&secret, shown)) {
            return Ok(true);
        }
    }
    Ok(false)
}
