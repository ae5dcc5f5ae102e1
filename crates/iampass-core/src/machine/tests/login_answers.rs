//! A login given each answer to its polls, in each of its states.

use super::given::{Given, UNKNOWN_WORDS, lasting_refusals, passing_troubles, problem, unknown_session};
use super::login_start::{expect_denial, expect_end, polled, started};
use std::time::Duration;

use crate::Error;
use crate::machine::test_rig::{Rig, status_body};
use crate::machine::{Denial, Login, LoginEvent, LoginOutcome, WaitReason};
use crate::wire::SessionStatus;

/// Logins that await the answer to a poll: the first one, a later one, one after trouble, and the last look.
fn awaiting() -> Vec<(&'static str, Rig<Login>)> {
    let next_poll = |rig: &mut Rig<Login>| {
        rig.expect_wait(WaitReason::NextPoll);
        rig.expect_request("GET", "/status");
    };
    let first = polled();
    let mut later = polled();
    later.answer(200, &status_body("identifying"));
    assert!(matches!(later.event(), LoginEvent::Progress(_)));
    next_poll(&mut later);
    let mut after_trouble = polled();
    after_trouble.answer(500, "");
    assert!(matches!(after_trouble.event(), LoginEvent::Trouble(_)));
    next_poll(&mut after_trouble);
    let mut last_look = polled();
    last_look.answer_with(503, "", &[("retry-after", "3600")]);
    assert!(matches!(last_look.event(), LoginEvent::Trouble(_)));
    next_poll(&mut last_look);
    vec![("first", first), ("later", later), ("after trouble", after_trouble), ("last look", last_look)]
}

/// Goes on with either the next poll or, after the last look, the logout; grants nothing on the way.
fn expect_it_goes_on(rig: &mut Rig<Login>, place: &str, given: &Given) {
    if place == "last look" {
        rig.expect_request("POST", "/logout");
        rig.answer(200, r#"{"status": true}"#);
        expect_denial(rig, &Denial::NoAnswer);
    } else {
        rig.expect_wait(WaitReason::NextPoll);
        let request = rig.expect_request("GET", "/status");
        assert!(request.headers().contains_key("authentication"), "{place}, {given:?}");
    }
}

#[test]
fn active_grants() {
    for (place, mut rig) in awaiting() {
        Given::word("active").to(&mut rig);
        let end = expect_end(&mut rig);
        assert!(matches!(end, Ok(LoginOutcome::Granted(_))), "{place}: {end:?}");
    }
}

#[test]
fn active_that_is_out_of_date_when_it_comes_grants_nothing() {
    for (milliseconds, is_fresh) in [(10_000, true), (10_001, false), (14_999, false)] {
        let mut rig = polled();
        rig.pass(Duration::from_millis(milliseconds));
        rig.answer(200, &status_body("active"));
        match rig.event() {
            LoginEvent::Finished(Ok(LoginOutcome::Granted(_))) => assert!(is_fresh, "{milliseconds} ms"),
            LoginEvent::Trouble(Error::Timeout) => {
                assert!(!is_fresh, "{milliseconds} ms");
                rig.expect_wait(WaitReason::NextPoll);
                rig.expect_request("GET", "/status");
                rig.answer(200, &status_body("active"));
                assert!(matches!(expect_end(&mut rig), Ok(LoginOutcome::Granted(_))));
            }
            other => panic!("{milliseconds} ms: {other:?}"),
        }
    }
}

#[test]
fn a_session_that_the_service_ended_is_denied_and_needs_no_logout() {
    for (word, denial) in [
        ("cancelled", Denial::Declined),
        ("timeout", Denial::NoAnswer),
        ("failed", Denial::Failed),
        ("closed", Denial::Closed),
    ] {
        for (_, mut rig) in awaiting() {
            Given::word(word).to(&mut rig);
            expect_denial(&mut rig, &denial);
        }
    }
}

/// A reason refines a denial. It makes none of a state that is none.
#[test]
fn the_reason_beside_the_state_says_why() {
    for (word, reason, denial) in [
        ("cancelled", "REPORTED", Denial::Reported),
        ("cancelled", "NEWER", Denial::Declined),
        ("failed", "WRONG_CODE", Denial::WrongCode),
        ("failed", "REPORTED", Denial::Failed),
        ("timeout", "REPORTED", Denial::NoAnswer),
    ] {
        let body = format!(r#"{{"authenticated": false, "session_status": "{word}", "reason": "{reason}"}}"#);
        for (_, mut rig) in awaiting() {
            Given::Answer(200, body.clone()).to(&mut rig);
            expect_denial(&mut rig, &denial);
        }
    }
}

#[test]
fn every_other_word_is_awaited_on() {
    for word in ["pending", "identifying", "walkaway"].into_iter().chain(UNKNOWN_WORDS) {
        for (place, mut rig) in awaiting() {
            let known = if place == "later" { "identifying" } else { "pending" };
            let given = Given::word(word);
            given.to(&mut rig);
            if word != known {
                match rig.event() {
                    LoginEvent::Progress(status) => assert_eq!(status, SessionStatus::from(word)),
                    other => panic!("{place}, {word:?}: {other:?}"),
                }
            }
            expect_it_goes_on(&mut rig, place, &given);
        }
    }
}

#[test]
fn trouble_on_the_way_is_told_and_awaited_on() {
    for given in passing_troubles() {
        for (place, mut rig) in awaiting() {
            given.to(&mut rig);
            let event = rig.event();
            assert!(matches!(event, LoginEvent::Trouble(_)), "{place}, {given:?}: {event:?}");
            expect_it_goes_on(&mut rig, place, &given);
        }
    }
}

#[test]
fn a_lasting_refusal_ends_the_login_and_the_session() {
    for given in lasting_refusals() {
        for (place, mut rig) in awaiting() {
            given.to(&mut rig);
            rig.expect_request("POST", "/logout");
            rig.answer(200, r#"{"status": true}"#);
            let end = expect_end(&mut rig);
            assert!(matches!(end, Err(Error::Status { .. })), "{place}, {given:?}: {end:?}");
        }
    }
}

#[test]
fn a_session_that_the_service_does_not_know_is_not_owed_a_logout() {
    for (place, mut rig) in awaiting() {
        unknown_session().to(&mut rig);
        rig.expect_request("POST", "/logout");
        unknown_session().to(&mut rig);
        let end = expect_end(&mut rig);
        assert!(matches!(end, Err(Error::Status { status: 404, .. })), "{place}: {end:?}");
    }
}

#[test]
fn answers_that_nobody_awaits_change_nothing() {
    for given in ["active", "closed", "cancelled", "identifying"] {
        let body = status_body(given);
        // Before the first poll.
        let mut rig = started();
        let start = rig.last_id();
        rig.answer(200, &body);
        assert_eq!(rig.expect_wait(WaitReason::NextPoll).as_millis(), 300);
        // While the answer to a poll is awaited.
        rig.expect_request("GET", "/status");
        rig.answer_to(start, 200, &body);
        rig.expect_wait(WaitReason::Answer);
        // After that poll was given up.
        rig.answer(200, &body);
        assert!(matches!(rig.event(), LoginEvent::Trouble(Error::Timeout)));
        rig.expect_wait(WaitReason::NextPoll);
    }
}

#[test]
fn a_second_answer_to_the_same_poll_changes_nothing() {
    let mut rig = polled();
    rig.answer(200, &status_body("pending"));
    rig.answer(200, &status_body("active"));
    rig.expect_wait(WaitReason::NextPoll);
}

#[test]
fn an_answer_that_comes_when_it_has_just_been_given_up_changes_nothing() {
    let mut rig = polled();
    rig.pass(crate::machine::exchange::ANSWER_LIMIT);
    rig.answer(200, &status_body("active"));
    assert!(matches!(rig.event(), LoginEvent::Trouble(Error::Timeout)));
}

#[test]
fn the_reason_of_a_refusal_reaches_the_caller() {
    let mut rig = polled();
    rig.answer(403, &problem("NOT_YOURS"));
    rig.expect_request("POST", "/logout");
    rig.answer(200, r#"{"status": true}"#);
    match expect_end(&mut rig) {
        Err(error) => assert_eq!(error.to_string(), "the IAMPASS service answered 403: NOT_YOURS (said so)"),
        other => panic!("{other:?}"),
    }
}
