//! The phone's API as it is described.

use iampass_core::wire::Reason;
use serde_json::json;

use super::described::Described;
use super::heading::Heading::Phone;
use super::members::{number, text};
use super::signing::Signer;

fn call(name: &'static str, summary: &'static str, description: &'static str) -> Described {
    Described::call(Phone, name, summary, description).signed_by(Signer::Phone)
}

/// As [`call`], with POST.
pub(super) fn post(name: &'static str, summary: &'static str, description: &'static str) -> Described {
    call(name, summary, description).signed_body()
}

pub(super) fn done(described: Described, what: &'static str) -> Described {
    described.answers(200, what, "DoneAnswer", json!({"status": true}))
}

fn device_record(display_name: Option<&str>) -> serde_json::Value {
    json!({
        "user": {"user_id": "u-5f0c1b7e", "display_name": display_name},
        "device": {"device_id": "4b1c6b1f0f8a4ce2b1f4d8e07a3f9c55", "device_secret": "AN3XAMPLE0F4S3CRETW1TH32CH4RS001"},
        "service": {
            "service_id": "7VBEZGAQN3QD4W2M",
            "service_secret": "AN3XAMPLE0F4S3CRETW1TH32CH4RS002",
            "service_name": "My shop",
            "service_urls": {
                "active_sessions": "https://login.example/device/4b1c6b1f0f8a4ce2b1f4d8e07a3f9c55/active_sessions",
                "device_configuration": "https://login.example/device/4b1c6b1f0f8a4ce2b1f4d8e07a3f9c55/configuration",
                "device_unregister": "https://login.example/device/4b1c6b1f0f8a4ce2b1f4d8e07a3f9c55/unregister",
                "pending_requests": "https://login.example/device/4b1c6b1f0f8a4ce2b1f4d8e07a3f9c55/pending_requests",
                "training_data": "https://login.example/device/4b1c6b1f0f8a4ce2b1f4d8e07a3f9c55/training_data",
                "bring_request": "https://login.example/device/4b1c6b1f0f8a4ce2b1f4d8e07a3f9c55/bring",
                "phones": "https://login.example/device/4b1c6b1f0f8a4ce2b1f4d8e07a3f9c55/phones",
                "phones_change": "https://login.example/device/4b1c6b1f0f8a4ce2b1f4d8e07a3f9c55/phones/change",
                "phones_link": "https://login.example/device/4b1c6b1f0f8a4ce2b1f4d8e07a3f9c55/phones/link",
                "recovery_codes": "https://login.example/device/4b1c6b1f0f8a4ce2b1f4d8e07a3f9c55/recovery_codes"
            }
        },
        "training": {"facial": {"num_images": 0}}
    })
}

pub(super) fn register() -> Described {
    Described::call(
        Phone,
        "register_device",
        "Register a phone",
        "The link itself is the credential: nothing is signed. It works once, and the phone replaces those that the user had. By a link that \
         adds it, the phone waits to be confirmed, and those stay: the answer has `waiting`. With GET, the same address is a page that makes the browser the phone. A phone that registers a `key` is believed by that key alone: each of its \
         answers is a JWS (RFC 7515) of it.",
    )
    .body(
        "RegisterDevice",
        json!({
            "notification_token": "*browser",
            "platform": "web",
            "key": {
                "kty": "EC",
                "crv": "P-256",
                "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
            }
        }),
    )
    .answers(
        200,
        "The device record: what the phone keeps, in its key store.",
        "DeviceRecord",
        device_record(Some("Ann")),
    )
    .refuses(401, &[Reason::SignatureMalformed])
    .refuses(404, &[Reason::LinkNotValid])
    .refuses(409, &[Reason::TooManyPhones, Reason::PhoneKeyRequired])
    .refuses(422, &[Reason::InvalidParameter, Reason::PhoneNotAllowed])
}

fn waiting() -> serde_json::Value {
    json!({"requests": [{
        "auth_request_id": "e1f2a3b4c5d6e7f8091a2b3c4d5e6f70",
        "application_id": "7VBEZGAQN3QD4W2M",
        "application_name": "My shop",
        "user_id": "u-5f0c1b7e",
        "requested_at": 1_800_000_000,
        "expires_at": 1_800_000_060,
        "confirm": ["code"],
        "browser": "Firefox on Windows",
        "address": "203.0.113.5",
        "known_browser": true,
        "identify": {
            "identification_start_url": "https://login.example/identification/e1f2a3b4c5d6e7f8091a2b3c4d5e6f70/start",
            "identification_url": "https://login.example/identification/e1f2a3b4c5d6e7f8091a2b3c4d5e6f70",
            "identification_data_secret": "AN3XAMPLE0F4S3CRETW1TH32CH4RS003",
            "requested_data": {"acceptance": {"acceptance": {"automatic": false}}}
        }
    }]})
}

pub(super) fn pending_requests() -> Described {
    call(
        "pending_requests",
        "Read the questions that wait for this phone",
        "With `wait` it is answered as soon as there is something new, so that a phone that gets no notifications asks again and again \
         without delay. Each question brings the URLs and the secret to answer it with.",
    )
    .query(
        "wait",
        "How many seconds to wait for something new; 25 at most, more is taken for that. 0 unless given.",
        number(""),
        25,
    )
    .query(
        "known",
        "The ids of the questions that the phone knows already, joined by commas: it is answered at once when others wait.",
        text(""),
        "e1f2a3b4c5d6e7f8091a2b3c4d5e6f70",
    )
    .query(
        "phones",
        "The `phones_event` that the phone knows: it is answered at once when there is another one.",
        number(""),
        17,
    )
    .answers(
        200,
        "The questions, oldest first. Often there is none.",
        "PendingRequests",
        waiting(),
    )
    .refuses(422, &[Reason::InvalidParameter])
}

pub(super) fn bring() -> Described {
    post(
        "bring_request",
        "Bring what a browser shows",
        "The user has scanned the QR code of the page where they sign in, or typed its digits. The question that the page belongs to is on \
         this phone from then on, and the answer still has to carry the same. Digits that are wrong are counted for the user, over all \
         questions: after five in a row they are refused for a while, and a scan still works.",
    )
    .body("BringRequest", json!({"code": "482913"}))
    .answers(200, "The question.", "PendingRequests", waiting())
    .refuses(401, &[Reason::BadSignature])
    .refuses(422, &[Reason::WrongCode, Reason::SignedAnswerRequired, Reason::DeviceKeyRequired, Reason::InvalidParameter])
}

pub(super) fn active_sessions() -> Described {
    call("active_sessions", "List the sessions that this phone has opened", "Those that have not ended, newest first.").answers(
        200,
        "The sessions, each with the URLs that end it, leave it and come back to it.",
        "ActiveSessions",
        json!({"sessions": [{
            "session_id": "9d2f0c41",
            "application_id": "7VBEZGAQN3QD4W2M",
            "application_name": "My shop",
            "user_id": "u-5f0c1b7e",
            "session_status": "active",
            "started_at": 1_800_000_007,
            "expires_at": 1_800_003_600,
            "near_until": 1_800_000_097,
            "logout_url": "https://login.example/device/4b1c6b1f0f8a4ce2b1f4d8e07a3f9c55/sessions/9d2f0c41/logout",
            "walkaway_url": "https://login.example/device/4b1c6b1f0f8a4ce2b1f4d8e07a3f9c55/sessions/9d2f0c41/walkaway",
            "return_url": "https://login.example/device/4b1c6b1f0f8a4ce2b1f4d8e07a3f9c55/sessions/9d2f0c41/return"
        }], "presence_url": "https://login.example/device/4b1c6b1f0f8a4ce2b1f4d8e07a3f9c55/presence"}),
    )
}

fn configured() -> serde_json::Value {
    let mut answer = device_record(None);
    if let Some(members) = answer.as_object_mut() {
        members.insert("status".to_owned(), json!(true));
    }
    answer
}

pub(super) fn configuration() -> Described {
    post(
        "device_configuration",
        "Change where notifications go",
        "To be called when the phone has a new notification token. A phone with a key of its own signs it.",
    )
    .body("ConfigurationRequest", json!({"notification_token": "*browser"}))
    .answers(
        200,
        "It is taken over. The device record comes again, without the user's name.",
        "DeviceConfigurationAnswer",
        configured(),
    )
    .refuses(401, &[Reason::BadSignature])
    .refuses(422, &[Reason::SignedAnswerRequired, Reason::InvalidParameter])
}

pub(super) fn unregister() -> Described {
    let described = post(
        "device_unregister",
        "Remove this phone",
        "Its sessions end. The user needs a new link to register another. A phone with a key of its own signs it.",
    );
    change(described, "The phone is removed.")
}

/// A call whose body is nothing, or the signature of a phone with a key of its own.
fn change(described: Described, what: &'static str) -> Described {
    let described = described.optional_body(
        "ChangeRequest",
        "The signature of a phone with a key of its own. From a phone without one nothing, or any JSON object: it is not looked at.",
        json!({}),
    );
    done(described, what).refuses(401, &[Reason::BadSignature]).refuses(422, &[Reason::SignedAnswerRequired])
}

pub(super) fn training_data() -> Described {
    let described = post(
        "training_data",
        "Send pictures for face recognition",
        "This service recognises no faces: the pictures are discarded.",
    );
    done(described, "Discarded.")
}

/// An action on a session of this phone.
fn to_session(name: &'static str, summary: &'static str, description: &'static str) -> Described {
    change(post(name, summary, description), "Done.")
        .refuses(404, &[Reason::UnknownSession])
        .refuses(409, &[Reason::UnknownSession])
}

pub(super) fn log_out() -> Described {
    to_session(
        "phone_logs_out",
        "End a session from the phone",
        "The remote logout: the application sees `closed`. A phone with a key of its own signs it.",
    )
}

pub(super) fn walk_away() -> Described {
    to_session(
        "phone_walks_away",
        "Say that the phone has left",
        "The application sees `walkaway` and shows nothing until the phone is back. A phone with a key of its own signs it.",
    )
}

pub(super) fn come_back() -> Described {
    to_session(
        "phone_returns",
        "Say that the phone is back",
        "The application sees `active` again. A phone with a key of its own signs it.",
    )
}

/// A call that answers a question.
pub(super) fn to_question(name: &'static str, summary: &'static str, description: &'static str) -> Described {
    Described::call(Phone, name, summary, description)
        .signed_by(Signer::Question)
        .signed_body()
        .refuses(409, &[Reason::UnknownRequest])
}

pub(super) fn pick_up() -> Described {
    let described = to_question(
        "identification_start",
        "Say that the user sees the question",
        "The session becomes `identifying`.",
    );
    done(described.no_body(), "The application sees it.")
}

pub(super) fn identify() -> Described {
    to_question(
        "identification",
        "Answer a question",
        "The session becomes `active`, or `cancelled` when the user declined, or `failed` when data is missing that was asked for. Beside \
         `accepted` stands what was collected, under the names of `requested_data`. Where the question has `confirm`, an acceptance carries \
         the `code` or the `scan`; the third wrong one ends the question as `failed`. Where it has `identify.unlock`, an acceptance carries \
         the `AuthenticationResponseJSON` of the challenge as `os_authentication`. A phone with a key of its own sends all of it as the \
         payload of a JWS. A denial is counted: after two in a row, or one with `report`, nothing rings for this user for a while.",
    )
    .body("PhoneAnswer", json!({"accepted": true, "code": "482913", "acceptance": {"accepted": true}}))
    .refuses(401, &[Reason::BadSignature])
    .refuses(409, &[Reason::UnlockNotRegistered, Reason::MethodNotAvailable])
    .refuses(422, &[Reason::CodeRequired, Reason::WrongCode, Reason::SignedAnswerRequired, Reason::InvalidParameter])
    .refuses(422, &[Reason::DeviceKeyRequired, Reason::PhoneNotAllowed, Reason::UnlockRequired, Reason::UnlockNotValid])
    .answers(
        200,
        "The answer has been taken. `status` is false when data was missing or the code was wrong for the third time, and the login has failed. \
         With `return_to` it counts when the phone's own browser has gone there.",
        "AnswerTaken",
        json!({"status": true}),
    )
}
