//! The answer of a phone to a question: what it has to bring, and what follows. Does not belong here: answers by the link of a login page
//! ([`super::returning`]).

use iampass_core::Secret;
use iampass_core::signing::ReturnLink;
use iampass_core::wire::{AuthenticationMethod, Identification, Shown};
use iampass_server_domain::UnverifiedMethods;
use iampass_server_domain::rules::{self, EndReason, Event, Proven, State};

use super::answer_notes::{Traces, note_of_answer, remember};
use super::applications::read_phones;
use super::asked_question::QuestionKey;
use super::confirmations::Tags;
use super::questions::{AnswerOutcome, PhoneAnswer, apply, outcome, read_methods};
use super::returning::{self, ByLink};
use super::timeline_rows::stored_columns;
use super::{
    Browser, Database, DeviceKey, Sealed, SessionKey, SpentNonce, StorageError, Tx, UserKey, Value,
    device_rows, timeline_rows, unlock_ceremonies, users, wrong_codes,
};

impl Database {
    /// Takes the phone's answer. It must hold the data that the session's methods ask for, and what the browser shows where that shows
    /// anything.
    pub async fn answer(
        &self,
        question: QuestionKey,
        answer: PhoneAnswer,
        unverified: UnverifiedMethods,
        spent: SpentNonce,
    ) -> Result<AnswerOutcome, StorageError> {
        self.write_spending(spent, move |tx| {
            Box::pin(async move { take_answer(tx, question, &answer, unverified).await })
        })
        .await
    }
}

async fn take_answer(
    tx: &mut Tx<'_>,
    question: QuestionKey,
    answer: &PhoneAnswer,
    unverified: UnverifiedMethods,
) -> Result<AnswerOutcome, StorageError> {
    let QuestionKey { session, user, .. } = question;
    let identification = &answer.identification;
    let locked_user = [user.unwrap_or(UserKey(-1)).into()];
    let answers: [Value<'_>; 2] = match answer.signed_by {
        Some(device) => [device.into(), user.unwrap_or(UserKey(-1)).into()],
        None => [session.into(), Value::Null],
    };
    let answers = match answer.signed_by {
        Some(_) => (OF_USER, &answers[..]),
        None => (WITHOUT_KEY, &answers[..1]),
    };
    // The lock of the user comes before that of the session, as everywhere.
    let [locked, found, answers] =
        tx.query_all([(users::LOCK_KEY, &locked_user), (ANSWERED, &[session.into()]), answers]).await?;
    let user = user.filter(|_| !locked.is_empty());
    let Some(row) = found.first() else { return Ok(AnswerOutcome::TooLate) };
    let asked: Option<DeviceKey> = row.optional_key(11)?;
    if !counts(asked, user, answer.signed_by, !answers.is_empty()) {
        return Ok(AnswerOutcome::TooLate);
    }
    // Whatever becomes of the answer: a phone that gives one is not lost.
    if let Some(device) = answer.signed_by.or(asked) {
        device_rows::used(tx, device).await?;
    }
    let methods = read_methods(row.text(0)?)?;
    let browser = Browser::from_column(row.integer(1)?);
    let tags = Tags::read(row, 2)?;
    let is_open = timeline_rows::asked(row, 7)?.state_at(tx.now()).is_in_progress();
    let mut proven = Proven { device_key: answer.signed_by.is_some(), ..Proven::default() };
    if is_open && identification.accepted {
        // The state of now counts: the application may have become stricter since it asked.
        let allowed = read_phones(row, 12)?;
        let unlocked = Proven { unlocked: answer.unlocked.is_some(), ..Proven::default() };
        let is_unlocked = rules::brings_what_was_asked(
            &[AuthenticationMethod::Device],
            &identification.collected,
            unlocked,
            unverified,
        );
        if let Some(lacking) = allowed.lacking(proven.device_key, is_unlocked) {
            return Ok(AnswerOutcome::NotAllowed(lacking));
        }
    }
    let has_code = shown(identification).is_some();
    if let (true, true, Some(unlocked), true) =
        (is_open, identification.accepted, &answer.unlocked, has_code || tags.is_none())
    {
        // It is used up with a wrong code too: a challenge is good for one answer.
        if !unlock_ceremonies::use_up(tx, session, answer.signed_by, unlocked).await? {
            return Ok(AnswerOutcome::ChallengeUsed);
        }
        proven.unlocked = true;
    }
    if let (true, true, Some(link)) = (is_open, identification.accepted, link(identification)) {
        let secret = tx.open(Sealed::Question, row.text(5)?, row.bytes(6)?)?;
        let by_link = ByLink {
            session,
            user,
            question: row.text(5)?,
            secret: &secret,
            return_to: row.optional_text(9)?,
            is_answered: row.optional_bytes(10)?.is_some(),
            methods: &methods,
        };
        if let Some(outcome) = returning::keep(tx, by_link, &link, answer, proven, unverified).await? {
            return Ok(outcome);
        }
        // Of another question, or forged. It is never a code of the page.
        let nothing = Tags { code: Vec::new(), scan: Vec::new() };
        let shown = Shown::Scan(link.to_text().into());
        let refused = check_code(tx, question, user, &nothing, &secret, &shown, row.integer(4)?).await?;
        return Ok(refused.unwrap_or(AnswerOutcome::CodeRequired));
    }
    if let (true, true, Some(tags)) = (is_open, identification.accepted, tags) {
        let Some(shown) = shown(identification) else { return Ok(AnswerOutcome::CodeRequired) };
        let secret = tx.open(Sealed::Question, row.text(5)?, row.bytes(6)?)?;
        if let Some(refused) = check_code(tx, question, user, &tags, &secret, &shown, row.integer(4)?).await?
        {
            return Ok(refused);
        }
        proven.code = true;
    }
    let event = match identification.accepted {
        false => Event::Denied,
        true if rules::brings_what_was_asked(&methods, &identification.collected, proven, unverified) => {
            Event::Accepted
        }
        true => Event::ProofMissing,
    };
    let mut found = timeline_rows::stored(row, 15)?;
    found.is_reported = identification.report;
    let outcome = outcome(timeline_rows::apply_to(tx, &found, event).await?);
    if let AnswerOutcome::Taken(state) = outcome {
        if let Some(device) = answer.signed_by.filter(|device| asked != Some(*device)) {
            opened_by(tx, session, device).await?;
        }
        if state == State::Active && proven != Proven::default() {
            note_of_answer(tx, session, proven.column()).await?;
        } else if state == State::Cancelled && identification.report {
            note_of_answer(tx, session, EndReason::Reported.column()).await?;
        }
        if let Some(user) = user {
            let traces = Traces { has_denied: row.integer(13)? > 0, may_be_account: row.integer(14)? != 0 };
            remember(tx, (user, traces), browser, event, identification.report, proven.code).await?;
        }
    }
    Ok(outcome)
}

/// The statement that locks the session of an answer, whose user is locked.
const ANSWERED: &str = concat!(
    "SELECT methods, known_browser, code_tag, scan_tag, wrong_codes, request_id, request_secret, state, due_at, return_to, return_tag, device_key,
            (SELECT a.phones FROM applications a WHERE a.key = sessions.application_key),
            (SELECT count(*) FROM denials d WHERE d.user_key = sessions.user_key AND d.known_browser = sessions.known_browser),
            (SELECT a.hidden FROM applications a WHERE a.key = sessions.application_key), ",
    stored_columns!(),
    " FROM sessions WHERE key = ?1 /*lock*/"
);

/// A phone with a key that is one of a user.
const OF_USER: &str = "SELECT key FROM devices WHERE key = ?1 AND user_key = ?2";
/// The phone of a session, where it has no key.
const WITHOUT_KEY: &str = "SELECT d.key FROM sessions s JOIN devices d ON d.key = s.device_key
                           WHERE s.key = ?1 AND d.public_key IS NULL";

/// Whether this phone may answer a question that was put to `asked`, or to all phones of `user`. The state at the time when its signature was verified
/// may not be any more: `is_there` says whether [`OF_USER`] or [`WITHOUT_KEY`] finds it.
fn counts(
    asked: Option<DeviceKey>,
    user: Option<UserKey>,
    signed_by: Option<DeviceKey>,
    is_there: bool,
) -> bool {
    match signed_by {
        Some(device) => is_there && user.is_some() && asked.is_none_or(|asked| asked == device),
        // A phone without a key is the only one of its user, and is asked by itself.
        None => is_there && asked.is_some(),
    }
}

/// The session is that of the phone which has answered.
pub(super) async fn opened_by(
    tx: &mut Tx<'_>,
    session: SessionKey,
    device: DeviceKey,
) -> Result<(), StorageError> {
    tx.execute_later("UPDATE sessions SET device_key = ?2 WHERE key = ?1", &[session.into(), device.into()])
        .await
}

/// Compares what the phone has brought with what the browser shows; the refusal where the two differ. A wrong code is counted for the question
/// and for the user.
async fn check_code(
    tx: &mut Tx<'_>,
    question: QuestionKey,
    user: Option<UserKey>,
    tags: &Tags,
    secret: &Secret,
    shown: &Shown,
    wrong: i64,
) -> Result<Option<AnswerOutcome>, StorageError> {
    let now = tx.now();
    if let (Shown::Code(_), Some(user)) = (shown, user)
        && let Some(retry_after) = wrong_codes::pause_left(tx, user, now).await?
    {
        return Ok(Some(AnswerOutcome::TooManyWrong { retry_after }));
    }
    if tags.match_shown(secret, shown) {
        return Ok(None);
    }
    if let Some(user) = user {
        wrong_codes::count(tx, user, now).await?;
    }
    let session = question.session;
    let wrong = wrong.unsigned_abs().saturating_add(1);
    tx.execute("UPDATE sessions SET wrong_codes = wrong_codes + 1 WHERE key = ?1", &[session.into()]).await?;
    let left = rules::MOST_WRONG_CODES.saturating_sub(wrong);
    if left == 0 {
        apply(tx, session, Event::ProofMissing).await?;
        note_of_answer(tx, session, EndReason::WrongCode.column()).await?;
    }
    Ok(Some(AnswerOutcome::WrongCode { left }))
}

/// The link by which the question came, if the answer says so.
fn link(identification: &Identification) -> Option<ReturnLink> {
    identification.scan.as_ref().and_then(|scan| ReturnLink::parse(scan.expose()))
}

/// The part of the browser's page that the answer carries. One that carries two is refused before it comes here.
fn shown(identification: &Identification) -> Option<Shown> {
    match (&identification.code, &identification.scan) {
        (Some(code), None) => Some(Shown::Code(code.clone())),
        (None, Some(scan)) => Some(Shown::Scan(scan.clone())),
        _ => None,
    }
}
