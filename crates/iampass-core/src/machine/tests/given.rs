//! Every kind of answer that a machine may be given, by what it has to mean.
//!
//! Belongs here: tables of answers. Does not belong here: what a machine does with them.

use crate::machine::Machine;
use crate::machine::WaitReason;
use crate::machine::test_rig::{Rig, status_body};
use crate::port::TransportErrorKind;

/// The answer to the request that is under way, or what comes in its place.
#[derive(Clone, Debug)]
pub(super) enum Given {
    Answer(u16, String),
    Failure(TransportErrorKind),
    /// Nothing comes, until the machine gives the request up.
    Lost,
}

impl Given {
    pub(super) fn word(word: &str) -> Self {
        Self::Answer(200, status_body(word))
    }

    pub(super) fn to<M: Machine<Event: std::fmt::Debug>>(&self, rig: &mut Rig<M>) {
        match self {
            Self::Answer(status, body) => rig.answer(*status, body),
            Self::Failure(kind) => rig.fail(*kind),
            Self::Lost => {
                rig.expect_wait(WaitReason::Answer);
            }
        }
    }
}

/// Words that are none of the eight, most of which a careless reader would take for `active`.
pub(super) const UNKNOWN_WORDS: [&str; 8] =
    ["Active", "ACTIVE", "active ", " active", "activated", "true", "", "super"];

const ACTIVE: &str = r#"{"authentication_status": {"authenticated": true, "session_status": "active"}}"#;

/// Bodies that are no status, though `active` stands in most of them.
pub(super) fn no_status_bodies() -> Vec<String> {
    let mut bodies: Vec<_> = [
        "",
        "null",
        "[]",
        "{}",
        "active",
        "\"active\"",
        "<html>active</html>",
        "{\"session_status\": \"active\"}",
        "{\"authenticated\": true}",
        "{\"authenticated\": false, \"session_status\": \"active\"}",
        "{\"authenticated\": \"true\", \"session_status\": \"active\"}",
        "{\"authenticated\": 1, \"session_status\": \"active\"}",
        "{\"authenticated\": true, \"session_status\": [\"active\"]}",
        "{\"authenticated\": true, \"session_status\": null}",
        "{\"authentication_status\": {\"authenticated\": false, \"session_status\": \"active\"}}",
        "{\"authentication_status\": [true, \"active\"]}",
        "[null, true, \"active\"]",
        "[[true, \"active\"], true, \"active\"]",
        "{\"authentication_status\": {\"authenticated\": true, \"session_status\": \"active\"}, \"authenticated\": true, \"session_status\": \"closed\"}",
    ]
    .map(str::to_owned)
    .into();
    bodies.push(ACTIVE[..ACTIVE.len() - 1].to_owned());
    bodies.push(format!("{ACTIVE}{ACTIVE}"));
    bodies.push(format!("{ACTIVE}{}", " ".repeat(1024 * 1024)));
    bodies
}

pub(super) const TRANSPORT_ERRORS: [TransportErrorKind; 5] = [
    TransportErrorKind::Connect,
    TransportErrorKind::Timeout,
    TransportErrorKind::AnswerTooLarge,
    TransportErrorKind::UrlRewritten,
    TransportErrorKind::Other,
];

/// Results that say nothing about a session, so that asking again may help: each with `active` in it where there is a body.
pub(super) fn passing_troubles() -> Vec<Given> {
    let statuses =
        [203, 204, 206, 226, 300, 301, 302, 304, 307, 308, 408, 425, 429, 500, 501, 502, 503, 504, 505, 599];
    let mut troubles: Vec<_> =
        statuses.into_iter().map(|status| Given::Answer(status, ACTIVE.to_owned())).collect();
    troubles.push(Given::Answer(403, problem("NONCE_REPLAYED")));
    troubles.extend(no_status_bodies().into_iter().map(|body| Given::Answer(200, body)));
    troubles.extend(TRANSPORT_ERRORS.map(Given::Failure));
    troubles.push(Given::Lost);
    troubles
}

/// Refusals that will be the same the next time.
pub(super) fn lasting_refusals() -> Vec<Given> {
    let statuses = [400, 401, 402, 403, 404, 405, 409, 410, 413, 422, 451];
    let mut refusals: Vec<_> =
        statuses.into_iter().map(|status| Given::Answer(status, ACTIVE.to_owned())).collect();
    refusals.push(Given::Answer(401, problem("BAD_SIGNATURE")));
    refusals.push(Given::Answer(403, problem("TIMESTAMP_TOO_OLD")));
    refusals
}

/// The service knows of no such session.
pub(super) fn unknown_session() -> Given {
    Given::Answer(404, problem("UNKNOWN_SESSION"))
}

pub(super) fn problem(reason: &str) -> String {
    serde_json::json!({"status": false, "reason": reason, "message": "said so"}).to_string()
}

#[test]
fn every_status_word_has_a_place_in_the_tables() {
    use crate::wire::SessionStatus;

    for word in UNKNOWN_WORDS {
        assert_eq!(SessionStatus::from(word), SessionStatus::Unknown(word.into()));
    }
}
