//! Samples of a phone's sessions, and of its words that it is near or away.

use iampass_core::wire::*;
use iampass_core::{ApplicationId, UnixSeconds};

use super::{Sample, answer, id, request, text, url, user};

fn session(is_promised: bool) -> PhoneSession {
    PhoneSession {
        session_id: text(),
        application_id: id(ApplicationId::new),
        application_name: text(),
        user_id: user(),
        session_status: if is_promised { SessionStatus::Active } else { SessionStatus::Walkaway },
        started_at: UnixSeconds(1),
        expires_at: UnixSeconds(2),
        near_until: is_promised.then_some(UnixSeconds(3)),
        logout_url: url(),
        walkaway_url: url(),
        return_url: url(),
    }
}

pub(super) fn all() -> Vec<Sample> {
    let both = || vec![session(true), session(false)];
    let near = |session_id| PhonePresence::Near { seconds: 90, session_id };
    let away = |session_id| PhonePresence::Away { session_id };
    let signed = || PresenceRequest::Signed { change: text() };
    vec![
        answer(
            "ActiveSessions",
            &[
                ActiveSessions { sessions: both(), presence_url: Some(url()) },
                ActiveSessions { sessions: Vec::new(), presence_url: None },
            ],
        ),
        answer("PhoneSession", &both()),
        request("NearWord", &[near(Some(text())), near(None)]),
        request("AwayWord", &[away(Some(text())), away(None)]),
        request("SignedPresence", &[signed()]),
        request(
            "PresenceRequest",
            &[signed(), PresenceRequest::Plain(near(Some(text()))), PresenceRequest::Plain(away(None))],
        ),
        answer(
            "PresenceAnswer",
            &[
                PresenceAnswer { status: true, sessions: 1, overtaken: 1, near_until: Some(UnixSeconds(1)) },
                PresenceAnswer { status: true, sessions: 0, overtaken: 0, near_until: None },
            ],
        ),
    ]
}
