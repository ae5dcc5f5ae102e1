//! The phone's API as it is described.

use iampass_core::wire::Reason;
use serde_json::json;

use super::Heading::Phone;
use super::described::Described;
use super::schemas::{number, text};
use super::signing::Signer;

fn call(name: &'static str, summary: &'static str, description: &'static str) -> Described {
    Described::call(Phone, name, summary, description).signed_by(Signer::Phone)
}

/// As [`call`], with POST.
fn post(name: &'static str, summary: &'static str, description: &'static str) -> Described {
    call(name, summary, description).signed_body()
}

fn done(described: Described, what: &'static str) -> Described {
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
                "training_data": "https://login.example/device/4b1c6b1f0f8a4ce2b1f4d8e07a3f9c55/training_data"
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
        "The link itself is the credential: nothing is signed. It works once, and the phone replaces the one that the user had. With GET, the \
         same address is a page that makes the browser the phone.",
    )
    .body("RegisterDevice", json!({"notification_token": "*browser", "platform": "web"}))
    .answers(
        200,
        "The device record: what the phone keeps, in its key store.",
        "DeviceRecord",
        device_record(Some("Ann")),
    )
    .refuses(401, &[Reason::SignatureMalformed])
    .refuses(404, &[Reason::LinkNotValid])
    .refuses(422, &[Reason::InvalidParameter])
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
    .answers(
        200,
        "The questions, oldest first. Often there is none.",
        "PendingRequests",
        json!({"requests": [{
            "auth_request_id": "e1f2a3b4c5d6e7f8091a2b3c4d5e6f70",
            "application_id": "7VBEZGAQN3QD4W2M",
            "application_name": "My shop",
            "user_id": "u-5f0c1b7e",
            "requested_at": 1_800_000_000,
            "expires_at": 1_800_000_060,
            "identify": {
                "identification_start_url": "https://login.example/identification/e1f2a3b4c5d6e7f8091a2b3c4d5e6f70/start",
                "identification_url": "https://login.example/identification/e1f2a3b4c5d6e7f8091a2b3c4d5e6f70",
                "identification_data_secret": "AN3XAMPLE0F4S3CRETW1TH32CH4RS003",
                "requested_data": {"acceptance": {"acceptance": {"automatic": false}}}
            }
        }]}),
    )
    .refuses(422, &[Reason::InvalidParameter])
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
            "logout_url": "https://login.example/device/4b1c6b1f0f8a4ce2b1f4d8e07a3f9c55/sessions/9d2f0c41/logout",
            "walkaway_url": "https://login.example/device/4b1c6b1f0f8a4ce2b1f4d8e07a3f9c55/sessions/9d2f0c41/walkaway",
            "return_url": "https://login.example/device/4b1c6b1f0f8a4ce2b1f4d8e07a3f9c55/sessions/9d2f0c41/return"
        }]}),
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
        "To be called when the phone has a new notification token.",
    )
    .body("DeviceConfiguration", json!({"notification_token": "*browser"}))
    .answers(
        200,
        "It is taken over. The device record comes again, without the user's name.",
        "DeviceConfigurationAnswer",
        configured(),
    )
    .refuses(422, &[Reason::InvalidParameter])
}

pub(super) fn unregister() -> Described {
    let described = post(
        "device_unregister",
        "Remove this phone",
        "Its sessions end. The user needs a new link to register another.",
    );
    done(described.no_body(), "The phone is removed.")
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
    done(post(name, summary, description).no_body(), "Done.")
        .refuses(404, &[Reason::UnknownSession])
        .refuses(409, &[Reason::UnknownSession])
}

pub(super) fn log_out() -> Described {
    to_session(
        "phone_logs_out",
        "End a session from the phone",
        "The remote logout: the application sees `closed`.",
    )
}

pub(super) fn walk_away() -> Described {
    to_session(
        "phone_walks_away",
        "Say that the phone has left",
        "The application sees `walkaway` and shows nothing until the phone is back.",
    )
}

pub(super) fn come_back() -> Described {
    to_session("phone_returns", "Say that the phone is back", "The application sees `active` again.")
}

/// A call that answers a question.
fn to_question(name: &'static str, summary: &'static str, description: &'static str) -> Described {
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
         `accepted` stands what was collected, under the names of `requested_data`. A denial is counted: after two in a row, starts for \
         this user are paused for a while.",
    )
    .body("Identification", json!({"accepted": true, "acceptance": {"accepted": true}}))
    .answers(
        200,
        "The answer has been taken. `status` is false when data was missing and the login has failed.",
        "DoneAnswer",
        json!({"status": true}),
    )
}
