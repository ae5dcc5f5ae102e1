//! Unlocking the phone for a question: registering an unlock credential, the challenge of a question, and the proof in an answer \[X\].
//!
//! Belongs here: who may do what. Does not belong here: whether what an authenticator gives is good ([`crate::relying_party`]).

use std::time::Duration;

use axum::response::Response;
use http::StatusCode;
use iampass_core::wire::{
    AuthenticationMethod, DoneAnswer, Identification, Reason, SignedUnlock, UnlockChallenge, UnlockClaims,
    UnlockRegistration, UnlockUrls,
};
use iampass_server_storage::{
    Answerers, AskedQuestion, Device, DeviceKey, Question, UnlockRegistered, Unlocked,
};

use super::phones::too_new;
use super::reading::parameter;
use super::refusals::too_late;
use crate::app::App;
use crate::authenticity::{Foresight, Verified, unknown_device};
use crate::path_segments::plain_id;
use crate::phone_signature;
use crate::problem::{Refused, json};
use crate::relying_party::{RelyingParty, not_available};
use crate::request::Incoming;

/// The member of an answer that holds the proof \[F\].
const PROOF: &str = "os_authentication";

/// How long a registration may take.
const REGISTERING: Duration = Duration::from_secs(300);

/// Where a phone calls to prove that it was unlocked for a question, where that is asked for.
pub(super) fn urls(app: &App, base: &str, device: &str, question: &Question) -> Option<UnlockUrls> {
    app.unlock.verifying().filter(|_| question.methods.contains(&AuthenticationMethod::Device))?;
    Some(UnlockUrls {
        // Where all phones of the user are asked, the address says which of them asks for the challenge.
        challenge_url: match question.is_for_all {
            true => format!("{base}/identification/{}/unlock?phone={device}", question.id),
            false => format!("{base}/identification/{}/unlock", question.id),
        },
        registration_url: format!("{base}/device/{device}/unlock/start"),
    })
}

/// A phone begins to register its unlock credential.
///
/// Its own key has to sign for it. A thief of the secret that the phone shares with the service would otherwise register an authenticator of
/// their own, and a thief of both, who has a copy of the phone, cannot replace the one that is there.
pub(super) async fn begin(
    app: &App,
    request: &Incoming,
    Verified { who, spent }: Verified<Device>,
    device: &str,
) -> Result<Response, Refused> {
    let claims = claims(app, request, &who)?;
    if claims.credential.is_some() {
        let message = "the call that begins a registration has no credential yet";
        return Err(Refused::unprocessable(Reason::InvalidParameter, message));
    }
    let party = party(app)?;
    let base = app.known_as.issuing_base(request.head())?;
    let application = app.database.application(claims.aud.as_str()).await?.ok_or_else(unknown_device)?;
    let others = app.database.unlock_ids_of_user(who.user).await?;
    let (options, state) = party.begin(&application.name, &others)?;
    let device = plain_id(device);
    let finish_url = format!("{base}/device/{device}/unlock/finish");
    let due_at = app.now().plus(REGISTERING);
    outcome(app.database.begin_unlock(who, device, state, due_at, spent).await?)?;
    Ok(json(StatusCode::OK, &UnlockRegistration { options, finish_url }))
}

/// A phone completes the registration of its unlock credential.
pub(super) async fn finish(
    app: &App,
    request: &Incoming,
    Verified { who, spent }: Verified<Device>,
    device: &str,
) -> Result<Response, Refused> {
    let Some(credential) = claims(app, request, &who)?.credential else {
        let message = "the call that completes a registration carries the credential";
        return Err(Refused::unprocessable(Reason::InvalidParameter, message));
    };
    let party = party(app)?;
    let ceremony = app.database.begun_unlock(who.key, plain_id(device), app.now()).await?.ok_or_else(over)?;
    let new = party.registered(&ceremony, credential)?;
    outcome(app.database.register_unlock(who, ceremony, new, spent).await?)?;
    Ok(json(StatusCode::OK, &DoneAnswer::done()))
}

/// The challenge of a question. A newer one takes its place, and an answer uses it up.
pub(super) async fn challenge(app: &App, request: &Incoming, question: &str) -> Result<Response, Refused> {
    let Verified { who, spent } =
        app.authenticity.by_question(request, &plain_id(question), &Foresight::blind()).await?;
    request.no_body()?;
    let party = party(app)?;
    if !who.methods.contains(&AuthenticationMethod::Device) {
        return Err(not_available("this question does not ask for unlocking the phone: answer it without"));
    }
    let device = asking(request, &who)?;
    let found = app.database.question_unlock(who.key.session, device).await?.filter(|found| found.is_open);
    let credential = found.ok_or_else(too_late)?.credential.ok_or_else(|| not_registered(&who))?;
    let (options, state) = party.challenge(&credential)?;
    if !app.database.challenge_unlock(who.key.session, state, spent).await? {
        return Err(too_late());
    }
    Ok(json(StatusCode::OK, &UnlockChallenge { options }))
}

/// The phone that asks for the challenge, where the question is on several.
fn asking(request: &Incoming, asked: &AskedQuestion) -> Result<Option<DeviceKey>, Refused> {
    let (Some(id), Answerers::Keys(phones)) =
        (parameter(request, "phone", Reason::InvalidParameter)?, &asked.answerers)
    else {
        return Ok(None);
    };
    let of_this_id = phones.iter().find(|phone| phone.signer.device.as_str() == id);
    let message = "phone is not the id of one that was asked: use challenge_url as it came";
    let found = of_this_id.ok_or_else(|| Refused::unprocessable(Reason::InvalidParameter, message))?;
    Ok(Some(found.device))
}

/// The proof that an acceptance carries, verified. None where none is asked for, or where it is simulated.
pub(super) async fn verified(
    app: &App,
    asked: &AskedQuestion,
    signed_by: Option<DeviceKey>,
    identification: &Identification,
) -> Result<Option<Unlocked>, Refused> {
    let is_asked = asked.methods.contains(&AuthenticationMethod::Device);
    if !identification.accepted || !is_asked || app.unlock.is_simulated() {
        return Ok(None);
    }
    let party = party(app)?;
    // Of a question that is over, that alone is told.
    let found = app.database.question_unlock(asked.key.session, signed_by).await?;
    let Some(found) = found.filter(|found| found.is_open) else {
        return Err(too_late());
    };
    let credential = found.credential.ok_or_else(|| not_registered(asked))?;
    let Some(proof) = identification.collected.get(PROOF) else {
        return Err(Refused::unprocessable(
            Reason::UnlockRequired,
            "the application asks for unlocking the phone: unlock it, and send the proof as os_authentication",
        ));
    };
    let Some(ceremony) = found.ceremony else { return Err(used()) };
    party.unlocked(ceremony, &credential, proof.clone()).map(Some)
}

/// The challenge was used, replaced, or never asked for.
pub(super) fn used() -> Refused {
    Refused::unprocessable(
        Reason::UnlockNotValid,
        "this question has no challenge that the proof could answer: it was used, or none was asked for. Ask for a new one and unlock the phone again",
    )
}

fn claims(app: &App, request: &Incoming, who: &Device) -> Result<UnlockClaims, Refused> {
    let SignedUnlock { unlock } = request.json()?;
    let signer = who.signer.as_ref().ok_or_else(phone_signature::key_required)?;
    phone_signature::signed_unlock(&unlock, signer, app.now(), app.config.signature_window)
}

fn party(app: &App) -> Result<&RelyingParty, Refused> {
    app.unlock.verifying().ok_or_else(|| {
        not_available(
            "this service does not verify that a phone was unlocked: its operator sets a public URL with a name over https, or http://localhost",
        )
    })
}

fn outcome(registered: UnlockRegistered) -> Result<(), Refused> {
    match registered {
        UnlockRegistered::Done => Ok(()),
        UnlockRegistered::UnknownDevice => Err(unknown_device()),
        UnlockRegistered::TooNew { retry_after } => Err(too_new(retry_after)),
        UnlockRegistered::Over => Err(over()),
        UnlockRegistered::Already => Err(Refused::new(
            StatusCode::CONFLICT,
            Reason::UnlockAlreadyRegistered,
            "this phone has an unlock credential, or the authenticator's is that of another phone: use it, or register the phone anew by a new link",
        )),
    }
}

fn over() -> Refused {
    Refused::unprocessable(
        Reason::UnlockNotValid,
        "no registration of an unlock credential is under way: it took too long, or was completed. Begin it again",
    )
}

fn not_registered(asked: &AskedQuestion) -> Refused {
    let message = if matches!(asked.answerers, Answerers::Keys(_)) {
        "the application asks for unlocking the phone, and this phone has no unlock credential: register one, and accept again"
    } else {
        "the application asks for unlocking the phone, which this phone cannot prove without a key of its own: register it anew by a new link, in a browser or app that makes keys"
    };
    Refused::new(StatusCode::CONFLICT, Reason::UnlockNotRegistered, message)
}
