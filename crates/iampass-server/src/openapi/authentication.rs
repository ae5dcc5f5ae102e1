//! The Authentication API as it is described.

use iampass_core::wire::Reason;
use serde_json::json;

use super::Heading::Authentication;
use super::described::Described;
use super::schemas::{number, text};
use super::signing::Signer;

pub(super) fn authenticate_user() -> Described {
    Described::call(
        Authentication,
        "authenticate_user",
        "Ask a user's phone",
        "Puts the question to the phone and starts a session, which is `pending` until the phone answers. `authenticated` in the answer \
         says that the request was accepted, **not** that the user is logged in: that is what `status_url` says. Keep `session_secret` as \
         you keep passwords.",
    )
    .signed_by(Signer::Application)
    .query(
        "methods",
        "What is asked of the user, joined by commas without spaces: `acceptance` (to confirm), `device` (to unlock the phone), `facial` \
         (a picture). Without it, or empty: every method that the application's settings name, and `acceptance` where they name none. \
         This service can verify `acceptance` only: a login that asks for another one is not started, with the reason \
         `METHOD_NOT_AVAILABLE`. A service for development may be told to simulate the others.",
        text("").pattern(Some("^((acceptance|device|facial)(,(acceptance|device|facial))*)?$")),
        "acceptance",
    )
    .query(
        "duration_seconds",
        "How long the session lasts, counted from now. An hour unless given.",
        number("").minimum(Some(1)),
        3600,
    )
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
            "logout_url": "https://login.example/authentication/session/0c9b3f6e2d18475aa6d4e2b90f731c58/logout",
            "status_stream_url": "https://login.example/authentication/session/0c9b3f6e2d18475aa6d4e2b90f731c58/stream"}}),
    )
    .answers(
        200,
        "Nothing was started. `reason` says why: there is no such user, the user has no phone, a method cannot be verified, or the user has denied the last \
         requests and starts are paused.",
        "LoginNotStarted",
        json!({"authentication_status": {"authenticated": false, "session_status": null, "reason": "NO_MOBILE_DEVICE",
            "session_token": null, "session_secret": null, "status_url": null, "logout_url": null}}),
    )
    .refuses(422, &[Reason::InvalidUserId, Reason::InvalidMethods, Reason::InvalidDuration])
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
