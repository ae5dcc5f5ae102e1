//! Schemas of the Authentication API.

use iampass_core::wire::{KeyKind, SessionStatus};

use crate::members::{
    Members, Named, boolean, constant, id, list, null, number, secret, see, text, time, url, words,
};

pub(super) fn all() -> [Named; 13] {
    let state = || see("SessionStatus", "How the session is.");
    let proven = || {
        see("Assurance", "What the approval has proven. There while the session is `active` or `walkaway`.")
    };
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
                         a browser that has proven it. False unless given. A question whose browser shows a code is on the phone at once only \
                         if this is true.",
                    ),
                )
                .perhaps(
                    "known_since",
                    time(
                        "When the user last signed in from that browser. Where a phone of the user was removed or replaced since, the browser is not \
                         taken for a known one, and no session is started (`BROWSER_NOT_KNOWN`).",
                    ),
                )
                .perhaps(
                    "confirm",
                    list(
                        text(""),
                        "What the browser can show. With `code` the answer has a `confirmation`, and the phone's acceptance needs it. Other \
                         words are ignored. None unless given.",
                    ),
                )
                .perhaps(
                    "browser",
                    text("The browser's name, for the phone to show: `Firefox on Windows`.")
                        .min_length(Some(1))
                        .max_length(Some(100)),
                )
                .perhaps("address", text("The browser's IP address, for the phone to show."))
                .perhaps(
                    "return_to",
                    url(
                        "A page of the application to which the browser is led that has answered by the link of `open_url`: https, or http on a \
                         loopback address, without a fragment. The proof is put behind it as `return`.",
                    )
                    .max_length(Some(1_000)),
                )
                .into(),
        ),
        (
            "Returned",
            Members::of("What the browser of a login has brought back.")
                .with("session_token", id("The session of the login that this very browser has begun."))
                .with("proof", secret("The member `return` of the address."))
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
                .perhaps("duration_seconds", number("How long it lasts from its acceptance on."))
                .perhaps(
                    "status_stream_url",
                    url("To be called, with GET, to be told of changes as they happen. A hint only: what grants is the answer of `status_url`."),
                )
                .perhaps("confirmation", see("Confirmation", "What the browser shows, if it said that it can."))
                .perhaps("qr", see("MovingQr", "The QR code of a login without a name."))
                .perhaps("open_url", secret("The link that opens IAMPASS in the browser that begins the login, where the start has `return_to`."))
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
                .perhaps(
                    "confirmation",
                    see("Confirmation", "What the browser shows all the same, so that nobody learns from it whether there is such a user. No phone can bring it."),
                )
                .into(),
        ),
        (
            "StatusAnswer",
            Members::of("How a session is, twice: the two always agree.")
                .with("authentication_status", see("StatusFields", "As clients read it."))
                .with("authenticated", active())
                .with("session_status", state())
                .perhaps("assurance", proven())
                .perhaps("user_id", id("The user of a login that was started without a name, once it is accepted."))
                .perhaps("reason", see("Reason", "Why the login let nobody in: `REPORTED` or `WRONG_CODE`."))
                .into(),
        ),
        (
            "StatusFields",
            Members::of("How a session is.")
                .with("authenticated", active())
                .with("session_status", state())
                .perhaps("assurance", proven())
                .perhaps("user_id", id("The user of a login that was started without a name, once it is accepted."))
                .perhaps("reason", see("Reason", "Why the login let nobody in: `REPORTED` or `WRONG_CODE`."))
                .into(),
        ),
        (
            "Assurance",
            Members::of("What the approval of a session has proven.")
                .with("code", boolean("The phone brought what the browser showed."))
                .with("unlocked", boolean("The person unlocked the phone for this question."))
                .with("key", see("KeyKind", "The key that signed the answer."))
                .into(),
        ),
        (
            "KeyKind",
            words(
                "`device`: a key that never leaves the phone. `shared`: a secret that phone and service share.",
                KeyKind::ALL.iter().map(KeyKind::as_str),
            )
            .into(),
        ),
        (
            "MovingQr",
            Members::of(
                "A QR code that changes each second. It shows `url`, `token`, a dot, the whole seconds since this answer came, a dot, and the \
                 tag: HMAC-SHA-256 over the seconds in decimal with the key `secret`, cut to 16 bytes, in base64url without padding. The \
                 service takes one for five seconds, once.",
            )
            .with("url", url("The address up to and with `#scan=`."))
            .with("token", id("The public name of the login."))
            .with("secret", secret("Makes the tags. No browser gets it."))
            .into(),
        ),
        (
            "Confirmation",
            Members::of("What a browser shows, and its user's phone brings. No other browser may get it.")
                .with("code", secret("Six decimal digits, for the user to type on the phone."))
                .with("scan_url", secret("The address to show as a QR code. It is good once, like the digits."))
                .with("expires_at", time("When both stop being good."))
                .perhaps("rings", boolean("Whether the phone shows the question by itself. Otherwise it has to bring the code first."))
                .perhaps("open_url", secret("The link that opens IAMPASS in the browser that begins the login, where the start has `return_to`. It is there, too, where no session was started."))
                .into(),
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
