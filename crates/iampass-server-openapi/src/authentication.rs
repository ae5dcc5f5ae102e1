//! The Authentication API as it is described.

use iampass_core::wire::Reason;
use serde_json::json;

use super::described::Described;
use super::heading::Heading::Authentication;
use super::members::{number, text};
use super::signing::Signer;

/// The members of the query of both calls that start a session.
fn asked_for(described: Described) -> Described {
    described
    .query(
        "methods",
        "What is asked of the user, joined by commas without spaces: `acceptance` (to confirm), `device` (to unlock the phone), `facial` \
         (a picture). Without it, or empty: every method that the application's settings name, and `acceptance` where they name none. \
         This service can verify `acceptance`, and `device` where it has a public URL that WebAuthn works at: a login that asks for another one \
         is not started, with the reason `METHOD_NOT_AVAILABLE`. A service for development may be told to simulate the others.",
        text("").pattern(Some("^((acceptance|device|facial)(,(acceptance|device|facial))*)?$")),
        "acceptance",
    )
    .query(
        "duration_seconds",
        "How long the session lasts, counted from now. An hour unless given.",
        number("").minimum(Some(1)),
        3600,
    )
}

pub(super) fn authenticate_user() -> Described {
    let described = Described::call(
        Authentication,
        "authenticate_user",
        "Ask a user's phone",
        "Puts the question to the phone and starts a session, which is `pending` until the phone answers. `authenticated` in the answer \
         says that the request was accepted, **not** that the user is logged in: that is what `status_url` says. Keep `session_secret` as \
         you keep passwords.",
    )
    .signed_by(Signer::Application);
    asked_for(described)
    .optional_body(
        "AuthenticateUser",
        "What the application knows about the browser that asks. Nothing, or an object; members that the service does not know are ignored.",
        json!({}),
    )
    .answers(
        202,
        "The phone is being asked.",
        "LoginStarted",
        json!({"authentication_status": {"authenticated": true, "session_status": "pending", "reason": null,
            "session_token": "0c9b3f6e2d18475aa6d4e2b90f731c58", "session_secret": "AN3XAMPLE0F4S3CRETW1TH32CH4RS000",
            "status_url": "https://login.example/authentication/session/0c9b3f6e2d18475aa6d4e2b90f731c58/status",
            "logout_url": "https://login.example/authentication/session/0c9b3f6e2d18475aa6d4e2b90f731c58/logout", "duration_seconds": 3600,
            "status_stream_url": "https://login.example/authentication/session/0c9b3f6e2d18475aa6d4e2b90f731c58/stream"}}),
    )
    .answers(
        200,
        "Nothing was started. `reason` says why: there is no such user, the user has no phone, a method cannot be verified, or the user has denied the last \
         requests and starts are paused, or the application takes no login without a code. With `confirm` there is a `confirmation` all the same, \
         which no phone can bring: the page is to look like any other.",
        "LoginNotStarted",
        json!({"authentication_status": {"authenticated": false, "session_status": null, "reason": "NO_MOBILE_DEVICE",
            "session_token": null, "session_secret": null, "status_url": null, "logout_url": null}}),
    )
    .refuses(422, &[Reason::InvalidUserId, Reason::InvalidMethods, Reason::InvalidDuration, Reason::InvalidParameter])
}

pub(super) fn start_login() -> Described {
    let described = Described::call(
        Authentication,
        "start_login",
        "Start a login without a name",
        "Starts a session of nobody yet. The login page shows a QR code that changes each second, made of `qr`; the phone that scans it and \
         accepts says whose session it is, and the status then has `user_id`. No name is typed, and no phone rings.",
    )
    .signed_by(Signer::Application);
    asked_for(described)
        .optional_body("AuthenticateUser", "What the application knows about the browser that asks; `known_browser` and `confirm` are ignored.", json!({}))
        .answers(
            202,
            "The session waits for a phone.",
            "LoginStarted",
            json!({"authentication_status": {"authenticated": true, "session_status": "pending", "reason": null,
                "session_token": "0c9b3f6e2d18475aa6d4e2b90f731c58", "session_secret": "AN3XAMPLE0F4S3CRETW1TH32CH4RS000",
                "status_url": "https://login.example/authentication/session/0c9b3f6e2d18475aa6d4e2b90f731c58/status",
                "logout_url": "https://login.example/authentication/session/0c9b3f6e2d18475aa6d4e2b90f731c58/logout", "duration_seconds": 3600,
                "status_stream_url": "https://login.example/authentication/session/0c9b3f6e2d18475aa6d4e2b90f731c58/stream",
                "qr": {"url": "https://login.example/phone#scan=", "token": "e1f2a3b4c5d6e7f8091a2b3c4d5e6f70",
                    "secret": "AN3XAMPLE0F4S3CRETW1TH32CH4RS004"}}}),
        )
        .answers(
            200,
            "Nothing was started: a method cannot be verified.",
            "LoginNotStarted",
            json!({"authentication_status": {"authenticated": false, "session_status": null, "reason": "METHOD_NOT_AVAILABLE",
                "session_token": null, "session_secret": null, "status_url": null, "logout_url": null}}),
        )
        .refuses(422, &[Reason::InvalidMethods, Reason::InvalidDuration, Reason::InvalidParameter])
}

pub(super) fn return_login() -> Described {
    Described::call(
        Authentication,
        "return_login",
        "Take back the browser of a login",
        "A login page on a phone leads to IAMPASS by `open_url`, and when the user has accepted there, that browser goes to the `return_to` of the \
         start, with a proof in its query, as `return`. The application looks whether it is the browser that began the login, by a cookie of its \
         own, and hands the proof over with this call. The session is `active` only then: somebody else's link in the user's browser lets nobody in. \
         It counts once; a wrong proof ends the login.",
    )
    .signed_by(Signer::Application)
    .body("Returned", json!({"session_token": "0c9b3f6e2d18475aa6d4e2b90f731c58", "proof": "3Q2-7wAAAAAAAAAAAAAAAA"}))
    .answers(200, "The answer counts.", "DoneAnswer", json!({"status": true}))
    .refuses(409, &[Reason::UnknownRequest])
    .refuses(422, &[Reason::WrongCode, Reason::InvalidParameter])
}

pub(super) fn session_status() -> Described {
    Described::call(
        Authentication,
        "session_status",
        "Ask how a session is",
        "To be called at the `status_url` of the session, exactly as it was given. Answered by 200 whatever the state, long after the end \
         too. Only `active` lets anybody in; `walkaway` means that the phone has left: deny until it is active again. Asking often is \
         normal; once a second is enough while the phone is being asked.",
    )
    .signed_by(Signer::Session)
    .answers(
        200,
        "The state. It stands there twice, in the shape that clients read and in the documented one.",
        "StatusAnswer",
        json!({"authentication_status": {"authenticated": true, "session_status": "active"},
            "authenticated": true, "session_status": "active"}),
    )
}

pub(super) fn session_stream() -> Described {
    Described::call(
        Authentication,
        "session_stream",
        "Be told of a session's changes",
        "To be called at the `status_stream_url` of the session, where there is one, exactly as it was given. Server-Sent Events: the state \
         at once and at every change, as `event: status` with the very JSON that `status_url` answers; a comment every few seconds; the end \
         after the session's end. Take it as a hint: what grants is an answer of `status_url`, so ask there when an event says that \
         something has changed. When the stream breaks, or is silent for 15 seconds, go on asking.",
    )
    .signed_by(Signer::Session)
    .answers_text(
        200,
        "The events.",
        "text/event-stream",
        "event: status\ndata: {\"authentication_status\":{\"authenticated\":true,\"session_status\":\"active\"},\
         \"authenticated\":true,\"session_status\":\"active\"}\n\n:\n\n",
    )
}

pub(super) fn session_logout() -> Described {
    Described::call(
        Authentication,
        "session_logout",
        "End a session",
        "To be called at the `logout_url` of the session, exactly as it was given. One that has ended already is just as much ended: it may \
         be called again until it is answered.",
    )
    .signed_by(Signer::Session)
    .answers(200, "The session has ended.", "DoneAnswer", json!({"status": true}))
}
