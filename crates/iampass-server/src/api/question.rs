//! Questions as phones see them: bringing what a browser shows, showing a question, answering it.

use std::borrow::Cow;
use std::time::Duration;

use axum::response::Response;
use http::StatusCode;
use iampass_core::wire::{
    AnswerTaken, AuthenticationRequest, BringRequest, ConfirmationMethod, DoneAnswer, Identification,
    Identify, PendingRequests, PhoneAnswer, Reason, RequestedData, Shown, SignedAnswer,
};
use iampass_server_domain::credentials::draw_return_proof;
use iampass_server_domain::rules::{Lacking, State};
use iampass_server_metrics::LoginEvent;
use iampass_server_storage::{
    AnswerOutcome, Answerers, BringOutcome, Browser, Device, PhoneAnswer as GivenAnswer, Question,
};

use super::refusals::{no_key, phone_not_allowed, too_late};
use super::{returning, unlock};
use crate::app::App;
use crate::authenticity::{Foresight, Verified, unknown_device};
use crate::path_segments::plain_id;
use crate::phone_signature;
use crate::problem::{Refused, json};
use crate::request::Incoming;

/// The longest digits or scan that are looked at, in bytes.
const LONGEST_SHOWN: usize = 100;

/// A question, with the addresses at which it is answered.
pub(super) fn asked(app: &App, base: &str, device: &str, question: Question) -> AuthenticationRequest {
    let unlock = unlock::urls(app, base, device, &question);
    let identification_url = format!("{base}/identification/{}", question.id);
    AuthenticationRequest {
        auth_request_id: question.id,
        application_id: question.application_id,
        application_name: question.application_name,
        user_id: question.user_id,
        requested_at: Some(question.asked_at),
        expires_at: Some(question.due_at),
        confirm: question.needs_code.then_some(ConfirmationMethod::Code).into_iter().collect(),
        browser: question.browser_name,
        address: question.address,
        known_browser: Some(question.browser == Browser::Known),
        identify: Identify {
            identification_start_url: format!("{identification_url}/start"),
            identification_url,
            identification_data_secret: question.secret,
            requested_data: RequestedData::for_methods(&question.methods),
            unlock,
        },
    }
}

/// The phone brings what a browser shows: the question of that browser is on this phone from then on.
pub(super) async fn bring(
    app: &App,
    request: &Incoming,
    Verified { who, spent }: Verified<Device>,
    device: &str,
) -> Result<Response, Refused> {
    let brought: BringRequest = request.json()?;
    let base = app.known_as.issuing_base(request.head())?;
    let shown = match (brought, &who.signer) {
        (BringRequest::Signed { brought }, Some(signer)) => {
            phone_signature::signed_bring(&brought, signer, app.now(), app.config.signature_window)?
        }
        (BringRequest::Plain(shown), None) => shown,
        (BringRequest::Signed { .. }, None) => return Err(no_key()),
        (_, Some(_)) => return Err(phone_signature::required()),
        _ => return Err(Refused::unprocessable(Reason::InvalidBody, "this version takes no such body")),
    };
    check_shown(&shown)?;
    if who.signer.is_none() && phone_signature::takes_key(&shown) {
        return Err(phone_signature::key_required());
    }
    match app.database.bring(who.clone(), shown, spent).await? {
        BringOutcome::Brought(question) => {
            app.database.remember_questions(&who, [&*question]);
            let requests = vec![asked(app, &base, device, *question)];
            Ok(json(StatusCode::OK, &PendingRequests { requests, phones_event: None }))
        }
        BringOutcome::WrongCode => Err(wrong_code(
            "no request that waits for this user shows it: compare it with the page where you sign in, which may have got a new one",
        )),
        BringOutcome::TooManyWrong { retry_after } => Err(too_many_wrong(retry_after)),
        BringOutcome::UnknownDevice => Err(unknown_device()),
    }
}

fn check_shown(shown: &Shown) -> Result<(), Refused> {
    let (Shown::Code(text) | Shown::Scan(text)) = shown;
    if text.is_empty() || text.expose().len() > LONGEST_SHOWN {
        let message = "code and scan are not empty and have 100 bytes at most";
        return Err(Refused::unprocessable(Reason::InvalidParameter, message));
    }
    Ok(())
}

fn wrong_code(message: impl Into<Cow<'static, str>>) -> Refused {
    Refused::unprocessable(Reason::WrongCode, message)
}

fn too_many_wrong(retry_after: Duration) -> Refused {
    Refused::too_many(
        "too many wrong codes were typed in a row: scan the QR code of the page, or wait before the next one",
        retry_after,
    )
}

/// The phone shows the question: the session becomes `identifying`.
pub(super) async fn pick_up(app: &App, request: &Incoming, question: &str) -> Result<Response, Refused> {
    let (question, foresight) = (plain_id(question), Foresight::default());
    let answered = picked_up(app, request, &question, &foresight).await;
    match app.authenticity.anew(request.head(), foresight).await? {
        None => answered,
        Some(blind) => picked_up(app, request, &question, &blind).await,
    }
}

async fn picked_up(
    app: &App,
    request: &Incoming,
    question: &str,
    foresight: &Foresight,
) -> Result<Response, Refused> {
    let Verified { who, spent } = app.authenticity.by_question(request, question, foresight).await?;
    request.no_body()?;
    let outcome = app.database.pick_up(who.key.session, spent).await?;
    match outcome {
        AnswerOutcome::Taken(_) => Ok(json(StatusCode::OK, &DoneAnswer::done())),
        _ => Err(too_late()),
    }
}

/// The phone answers: the session becomes `active`, `cancelled` or `failed`.
pub(super) async fn identify(app: &App, request: &Incoming, question: &str) -> Result<Response, Refused> {
    let (question, foresight) = (plain_id(question), Foresight::default());
    let answered = answer(app, request, &question, &foresight).await;
    match app.authenticity.anew(request.head(), foresight).await? {
        None => answered,
        Some(blind) => answer(app, request, &question, &blind).await,
    }
}

async fn answer(
    app: &App,
    request: &Incoming,
    question: &str,
    foresight: &Foresight,
) -> Result<Response, Refused> {
    let Verified { who, spent } = app.authenticity.by_question(request, question, foresight).await?;
    let answer: PhoneAnswer = request.json()?;
    let (identification, signed_by) = match (answer, &who.answerers) {
        (PhoneAnswer::Signed(SignedAnswer { answer }), Answerers::Keys(phones)) => {
            let (now, window) = (app.now(), app.config.signature_window);
            let (identification, device) =
                phone_signature::signed_answer(&answer, phones, question, now, window)?;
            (identification, Some(device))
        }
        (PhoneAnswer::Plain(identification), Answerers::Shared) => (identification, None),
        (PhoneAnswer::Signed(_), Answerers::Shared) => return Err(no_key()),
        // A denial lets nobody in, but it counts against who asks: it takes the key as well.
        (_, Answerers::Keys(_)) => return Err(phone_signature::required()),
        _ => return Err(Refused::unprocessable(Reason::InvalidBody, "this version takes no such body")),
    };
    check_identification(&identification)?;
    if signed_by.is_none() && identification.scan.as_ref().is_some_and(phone_signature::is_link) {
        return Err(phone_signature::key_required());
    }
    let unlocked = unlock::verified(app, &who, signed_by, &identification).await?;
    let return_proof = draw_return_proof()?;
    let answer = GivenAnswer { identification, signed_by, unlocked, return_proof: return_proof.clone() };
    let outcome = app.database.answer(who.key, answer, app.config.unverified_methods, spent).await?;
    match outcome {
        AnswerOutcome::Taken(state) => {
            count(app, state);
            let message = "the answer lacks data that was asked for, so the login has failed";
            Ok(json(StatusCode::OK, &taken(state, Reason::InvalidParameter, message)))
        }
        AnswerOutcome::Returning { return_to } => {
            let return_to = Some(returning::address_with(&return_to, &return_proof));
            Ok(json(StatusCode::OK, &AnswerTaken { done: DoneAnswer::done(), return_to }))
        }
        AnswerOutcome::WrongCode { left: 0 } => {
            count(app, State::Failed);
            let message = "the code was wrong for the third time, so the login has failed: begin it anew";
            Ok(json(StatusCode::OK, &taken(State::Failed, Reason::WrongCode, message)))
        }
        AnswerOutcome::WrongCode { left } => Err(wrong_code(format!(
            "the page where you sign in shows another code: {left} more may be wrong before the login fails"
        ))
        .tries_left(left)),
        AnswerOutcome::CodeRequired => Err(Refused::unprocessable(
            Reason::CodeRequired,
            "the page where you sign in shows a code: scan it or type its digits to accept",
        )),
        AnswerOutcome::TooManyWrong { retry_after } => Err(too_many_wrong(retry_after)),
        AnswerOutcome::NotAllowed(Lacking::Key) => Err(phone_not_allowed()),
        AnswerOutcome::NotAllowed(Lacking::Unlocking) => Err(Refused::unprocessable(
            Reason::UnlockRequired,
            "the application takes only phones that are unlocked for the login: begin the login anew, and unlock the phone when it asks for that",
        )),
        AnswerOutcome::ChallengeUsed => Err(unlock::used()),
        AnswerOutcome::TooLate => Err(too_late()),
    }
}

/// One answer carries one thing of the page.
fn check_identification(identification: &Identification) -> Result<(), Refused> {
    match (&identification.code, &identification.scan) {
        (Some(_), Some(_)) => {
            let message = "an answer has either code or scan";
            Err(Refused::unprocessable(Reason::InvalidParameter, message))
        }
        (Some(code), None) => check_shown(&Shown::Code(code.clone())),
        (None, Some(scan)) => check_shown(&Shown::Scan(scan.clone())),
        (None, None) => Ok(()),
    }
}

/// The answer was taken. A login that has failed says why.
fn taken(state: State, reason: Reason, message: &str) -> DoneAnswer {
    match state {
        State::Failed => {
            DoneAnswer { status: false, reason: Some(reason), message: Some(message.to_owned()) }
        }
        _ => DoneAnswer::done(),
    }
}

fn count(app: &App, state: State) {
    let event = match state {
        State::Active => LoginEvent::Accepted,
        State::Cancelled => LoginEvent::Declined,
        State::Failed => LoginEvent::Failed,
        _ => return,
    };
    app.metrics.logins.count(event);
}
