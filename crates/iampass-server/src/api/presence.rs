//! The call by which a phone says that it is near or away \[X\].
//!
//! Belongs here: reading the word, and its limits. Does not belong here: what it does to sessions ([`iampass_server_storage`]).

use axum::response::Response;
use http::StatusCode;
use iampass_core::UnixSeconds;
use iampass_core::signing::Presented;
use iampass_core::wire::{PhonePresence, PresenceAnswer, PresenceRequest, Reason};
use iampass_server_domain::rules::{LONGEST_PROMISE, PresenceWord, SHORTEST_PROMISE, SignedWord, promise};
use iampass_server_storage::{Device, PresenceOutcome};

use super::refusals::{ended, no_key};
use crate::app::App;
use crate::authenticity::{Verified, unknown_device};
use crate::phone_signature;
use crate::problem::{Refused, json};
use crate::request::Incoming;

/// Takes the word of a phone.
pub(super) async fn say(
    app: &App,
    request: &Incoming,
    Verified { who, spent }: Verified<Device>,
) -> Result<Response, Refused> {
    let (presence, at) = said(app, request, &who)?;
    let (word, session) = match presence {
        PhonePresence::Near { seconds, session_id } => {
            let promised = promise(seconds).ok_or_else(not_possible)?;
            (PresenceWord::Near(promised), session_id)
        }
        PhonePresence::Away { session_id } => (PresenceWord::Away, session_id),
        _ => return Err(phone_signature::for_another_change()),
    };
    match app.database.say_presence(who, session, SignedWord { word, at }, spent).await? {
        PresenceOutcome::Said { sessions, overtaken, near_until } => {
            Ok(json(StatusCode::OK, &PresenceAnswer { status: true, sessions, overtaken, near_until }))
        }
        PresenceOutcome::Late => Err(Refused::new(
            StatusCode::CONFLICT,
            Reason::PresenceLate,
            "the promise had passed before it arrived: say it again, and set the phone's clock if this comes each time",
        )),
        PresenceOutcome::Off => Err(Refused::new(
            StatusCode::CONFLICT,
            Reason::WalkawayOff,
            "the application does not want to know whether a phone is near: its setting walkaway is off",
        )),
        PresenceOutcome::Locked => Err(Refused::new(
            StatusCode::CONFLICT,
            Reason::SessionLocked,
            "the user has locked this session, and opens it again by hand",
        )),
        PresenceOutcome::NotPossible(state) => Err(ended(state)),
        PresenceOutcome::Unknown => {
            Err(Refused::not_found(Reason::UnknownSession, "this phone has opened no such session"))
        }
        PresenceOutcome::UnknownDevice => Err(unknown_device()),
    }
}

/// The word itself, and when it was signed: by the phone's own key where it has one.
fn said(app: &App, request: &Incoming, who: &Device) -> Result<(PhonePresence, UnixSeconds), Refused> {
    let sent = Presented::from_headers(request.head().headers)?;
    match (request.json()?, &who.signer) {
        (PresenceRequest::Signed { change }, Some(signer)) => {
            phone_signature::signed_word(&change, signer, &sent, app.now(), app.config.signature_window)
        }
        (PresenceRequest::Plain(presence), None) => Ok((presence, sent.timestamp())),
        (PresenceRequest::Signed { .. }, None) => Err(no_key()),
        _ => Err(phone_signature::required()),
    }
}

fn not_possible() -> Refused {
    let (shortest, longest) = (SHORTEST_PROMISE.as_secs(), LONGEST_PROMISE.as_secs());
    Refused::unprocessable(
        Reason::InvalidParameter,
        format!("seconds is {shortest} to {longest}: a phone promises to be near for so long"),
    )
}
