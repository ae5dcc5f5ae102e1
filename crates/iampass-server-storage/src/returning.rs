//! Answers that came by the link of a login page. Such a link may have been sent by anybody, so an answer by it lets nobody in by itself: it counts when
//! the browser that began the login has come back with the proof of that answer, which only the answering phone's own browser was given.
//!
//! Belongs here: bringing by a link, keeping such an answer, and taking the proof. Does not belong here: answers that carry what a page shows
//! ([`super::answering`]).

use iampass_core::signing::ReturnLink;
use iampass_core::wire::AuthenticationMethod;
use iampass_core::{Secret, SessionToken};
use iampass_server_domain::UnverifiedMethods;
use iampass_server_domain::rules::{self, Event, Proven, State};

use super::applications::read_phones;
use super::confirmations::{is_return_tag, link_secret, return_tag};
use super::questions::{self, AnswerOutcome, PhoneAnswer, Question, on_phone};
use super::{
    ApplicationKey, Browser, Database, Device, DeviceKey, Sealed, SessionKey, SpentNonce, StorageError, Tx,
    UserKey, answer_notes, answering, timeline_rows, users,
};

/// The outcome of bringing a proof back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnOutcome {
    /// The answer counts: the session is in this state now.
    Taken(State),
    /// It is not the proof of the answer, so the login has failed.
    WrongProof,
    /// No answer by a link waits for a browser to come back.
    NotAwaited,
}

impl Database {
    /// The browser of a session has come back with this proof. It counts once.
    pub async fn take_return(
        &self,
        application: ApplicationKey,
        session: SessionToken,
        proof: Secret,
        spent: SpentNonce,
    ) -> Result<ReturnOutcome, StorageError> {
        self.write_spending(spent, move |tx| {
            Box::pin(async move { take_return(tx, application, &session, &proof).await })
        })
        .await
    }
}

/// The question of a link comes to the phone, if the link is of one. A login without a name becomes that of the phone's user.
pub(super) async fn bring(
    tx: &mut Tx<'_>,
    device: Device,
    link: &ReturnLink,
) -> Result<Option<Question>, StorageError> {
    let sql = "SELECT key, request_secret, state, due_at, user_key, device_key, nameless FROM sessions
               WHERE request_id = ?1 AND application_key = ?2 AND return_to IS NOT NULL AND return_tag IS NULL /*lock*/";
    let found = tx.query_one(sql, &[link.token().into(), device.application.into()]).await?;
    let (Some(row), Some(_)) = (found, &device.signer) else { return Ok(None) };
    let secret = tx.open(Sealed::Question, link.token(), row.bytes(1)?)?;
    let is_open = timeline_rows::asked(&row, 2)?.state_at(tx.now()).is_in_progress();
    let user: Option<UserKey> = row.optional_key(4)?;
    let asked: Option<DeviceKey> = row.optional_key(5)?;
    let is_for_all = asked.is_none() && user == Some(device.user);
    let is_anybodys = user.is_none() && row.integer(6)? != 0;
    if !is_open
        || !link.is_of(&link_secret(&secret))
        || !(is_anybodys || asked == Some(device.key) || is_for_all)
    {
        return Ok(None);
    }
    let session: SessionKey = row.key(0)?;
    if is_anybodys {
        // Digests that nothing has: no code of a page answers it any more.
        let sql = "UPDATE sessions SET user_key = ?2, device_key = ?3, on_phone = 1, code_tag = ?4, scan_tag = ?4 WHERE key = ?1";
        let nothing: &[u8] = &[];
        tx.execute(sql, &[session.into(), device.user.into(), device.key.into(), nothing.into()]).await?;
    } else {
        let sql = "UPDATE sessions SET on_phone = 1, device_key = ?2 WHERE key = ?1 AND on_phone = 0";
        tx.execute(sql, &[session.into(), device.key.into()]).await?;
    }
    on_phone(tx, &device, link.token()).await
}

/// An acceptance that carries a link, and the question that it is about.
pub(super) struct ByLink<'a> {
    pub(super) session: SessionKey,
    pub(super) user: Option<UserKey>,
    pub(super) question: &'a str,
    pub(super) secret: &'a Secret,
    pub(super) return_to: Option<&'a str>,
    /// Whether an answer by the link was taken before.
    pub(super) is_answered: bool,
    pub(super) methods: &'a [AuthenticationMethod],
}

/// Keeps an acceptance by a link until its proof comes back. None: the link is not this question's.
pub(super) async fn keep(
    tx: &mut Tx<'_>,
    asked: ByLink<'_>,
    link: &ReturnLink,
    answer: &PhoneAnswer,
    proven: Proven,
    unverified: UnverifiedMethods,
) -> Result<Option<AnswerOutcome>, StorageError> {
    let is_its_link = link.token() == asked.question && link.is_of(&link_secret(asked.secret));
    let Some(return_to) = asked.return_to.filter(|_| is_its_link && answer.signed_by.is_some()) else {
        return Ok(None);
    };
    if asked.is_answered {
        return Ok(Some(AnswerOutcome::TooLate));
    }
    if !rules::brings_what_was_asked(asked.methods, &answer.identification.collected, proven, unverified) {
        return Ok(Some(questions::apply(tx, asked.session, Event::ProofMissing).await?));
    }
    let tag = return_tag(asked.secret, &answer.return_proof);
    let sql = "UPDATE sessions SET return_tag = ?2, on_phone = 0 WHERE key = ?1";
    tx.execute(sql, &[asked.session.into(), tag.as_slice().into()]).await?;
    if let Some(device) = answer.signed_by {
        answering::opened_by(tx, asked.session, device).await?;
    }
    // An unlocking is good for one answer, so it is kept with it.
    answer_notes::note_of_answer(tx, asked.session, proven.column()).await?;
    if let Some(user) = asked.user {
        tx.raised().user(user);
    }
    Ok(Some(AnswerOutcome::Returning { return_to: return_to.to_owned() }))
}

async fn take_return(
    tx: &mut Tx<'_>,
    application: ApplicationKey,
    session: &SessionToken,
    proof: &Secret,
) -> Result<ReturnOutcome, StorageError> {
    let sql = "SELECT key, user_key FROM sessions WHERE token = ?1 AND application_key = ?2";
    let found = tx.query_one(sql, &[session.as_str().into(), application.into()]).await?;
    let Some(found) = found else { return Ok(ReturnOutcome::NotAwaited) };
    let key: SessionKey = found.key(0)?;
    // The lock of the user comes before that of the session, as everywhere.
    let user: Option<UserKey> = match found.optional_key(1)? {
        Some(user) if users::lock_key(tx, user).await? => Some(user),
        _ => None,
    };
    let sql = "SELECT request_id, request_secret, return_tag, known_browser, state, due_at, proven, methods,
                (SELECT a.phones FROM applications a WHERE a.key = sessions.application_key)
         FROM sessions WHERE key = ?1 /*lock*/";
    let Some(row) = tx.query_one(sql, &[key.into()]).await? else { return Ok(ReturnOutcome::NotAwaited) };
    let tag = row.optional_bytes(2)?.filter(|tag| !tag.is_empty());
    let is_open = timeline_rows::asked(&row, 4)?.state_at(tx.now()).is_in_progress();
    let (Some(tag), Some(user), true) = (tag, user, is_open) else { return Ok(ReturnOutcome::NotAwaited) };
    let secret = tx.open(Sealed::Question, row.text(0)?, row.bytes(1)?)?;
    let is_right = is_return_tag(tag, &secret, proof);
    let (browser, kept) = (Browser::from_column(row.integer(3)?), Proven::from_column(row.integer(6)?));
    // It counts once, and no other answer by the link is taken.
    let nothing: &[u8] = &[];
    tx.execute("UPDATE sessions SET return_tag = ?2 WHERE key = ?1", &[key.into(), nothing.into()]).await?;
    // An answer to a question that asks for unlocking was kept with the proof. The application may ask for it since.
    let is_unlocked = questions::read_methods(row.text(7)?)?.contains(&AuthenticationMethod::Device);
    if !is_right || read_phones(&row, 8)?.lacking(true, is_unlocked).is_some() {
        questions::apply(tx, key, Event::ProofMissing).await?;
        return Ok(ReturnOutcome::WrongProof);
    }
    let AnswerOutcome::Taken(state) = questions::apply(tx, key, Event::Accepted).await? else {
        return Ok(ReturnOutcome::NotAwaited);
    };
    if state == State::Active {
        // The browser has shown that it is the one that began the login, as it does by a code. Only a phone's own key answers by a link.
        let proven = Proven { device_key: true, code: true, ..kept };
        answer_notes::note_of_answer(tx, key, proven.column()).await?;
        let any = answer_notes::Traces { has_denied: true, may_be_account: true };
        answer_notes::remember(tx, (user, any), browser, Event::Accepted, false, false).await?;
    }
    Ok(ReturnOutcome::Taken(state))
}
