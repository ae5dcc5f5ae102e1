//! Schemas of the Authentication API.

use iampass_core::wire::SessionStatus;

use super::{Members, Named, boolean, constant, id, null, secret, see, url, words};

pub(super) fn all() -> [Named; 8] {
    let state = || see("SessionStatus", "How the session is.");
    let active = || {
        boolean("Whether the session is active: true where `session_status` is `active`, and nowhere else.")
    };
    [
        (
            "AuthenticateUser",
            Members::of("What the application knows about the browser that asks.")
                .perhaps(
                    "known_browser",
                    boolean(
                        "Whether the user has signed in from this browser before. Starts are paused for a while after two denials in a row \
                         (`TOO_MANY_DENIALS`); denials of requests with this member and of those without it are counted apart. Say it only of \
                         a browser that has proven it. False unless given.",
                    ),
                )
                .into(),
        ),
        (
            "LoginStarted",
            Members::of("The phone is being asked.")
                .with("authentication_status", see("StartedSession", "The session."))
                .into(),
        ),
        (
            "StartedSession",
            Members::of("A session that was started.")
                .with("authenticated", constant(true, "The request was accepted. It does **not** say that the user is logged in."))
                .with("session_status", see("SessionStatus", "`pending` at first."))
                .with("reason", null("Nothing is in the way."))
                .with("session_token", id("Signs, with the secret, the calls to the URLs."))
                .with("session_secret", secret("Belongs to the token. Keep it as you keep passwords."))
                .with("status_url", url("To be asked, with GET, how the session is."))
                .with("logout_url", url("To be called, with POST, to end it."))
                .perhaps(
                    "status_stream_url",
                    url("To be called, with GET, to be told of changes as they happen. A hint only: what grants is the answer of `status_url`."),
                )
                .into(),
        ),
        (
            "LoginNotStarted",
            Members::of("Nothing was started.")
                .with("authentication_status", see("NotStarted", "Why."))
                .into(),
        ),
        (
            "NotStarted",
            Members::of("A session that was not started.")
                .with("authenticated", constant(false, "The request was not done."))
                .with("session_status", null("There is none."))
                .with("reason", see("Reason", "Why."))
                .with("session_token", null("There is none."))
                .with("session_secret", null("There is none."))
                .with("status_url", null("There is none."))
                .with("logout_url", null("There is none."))
                .into(),
        ),
        (
            "StatusAnswer",
            Members::of("How a session is, twice: the two always agree.")
                .with("authentication_status", see("StatusFields", "As clients read it."))
                .with("authenticated", active())
                .with("session_status", state())
                .into(),
        ),
        (
            "StatusFields",
            Members::of("How a session is.").with("authenticated", active()).with("session_status", state()).into(),
        ),
        (
            "SessionStatus",
            words(
                "`pending`: the phone is being asked. `identifying`: the user sees the question. `active`: logged in. `walkaway`: the phone \
                 has left, so deny until it is active again. `timeout`: nobody answered. `failed`: the phone answered without what was asked \
                 for. `cancelled`: the user declined. `closed`: ended. Deny on any other word.",
                SessionStatus::ALL.iter().map(SessionStatus::as_str),
            )
            .into(),
        ),
    ]
}
