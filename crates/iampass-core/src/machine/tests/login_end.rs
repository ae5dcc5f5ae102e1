//! Law 2, no orphan: a login that ends without being granted ends its session, or says that this is still owed.

use std::time::Duration;

use super::given::{Given, TRANSPORT_ERRORS, lasting_refusals};
use super::login_start::{expect_denial, expect_end, login, login_with, polled, started};
use crate::Error;
use crate::machine::test_rig::{Rig, STARTED, status_body};
use crate::machine::{Denial, Login, LoginEvent, LoginOptions, WaitReason};
use crate::port::TransportErrorKind::Connect;

const DONE: &str = r#"{"status": true}"#;

fn expect_logout_then(rig: &mut Rig<Login>, why: &Denial) {
    let request = rig.expect_request("POST", "/logout");
    assert!(request.headers()["authentication"].to_str().unwrap().starts_with("hmac SESSION:"));
    rig.answer(200, DONE);
    expect_denial(rig, why);
}

#[test]
fn cancelled_before_it_began_it_asks_nobody() {
    let mut rig = login();
    rig.cancel();
    expect_denial(&mut rig, &Denial::Cancelled);
}

#[test]
fn cancelled_between_two_attempts_to_start_it_makes_no_other() {
    let mut rig = login();
    rig.expect_any_request();
    rig.fail(Connect);
    rig.expect_wait(WaitReason::Retry);
    rig.cancel();
    expect_denial(&mut rig, &Denial::Cancelled);
}

#[test]
fn cancelled_while_it_starts_it_ends_the_session_that_comes_of_it() {
    let mut rig = login();
    rig.expect_any_request();
    rig.cancel();
    rig.expect_wait(WaitReason::Answer);
    // Just in time.
    rig.now = crate::Now::new(Duration::from_secs(14), rig.now.wall.0);
    rig.answer(202, STARTED);
    assert!(matches!(rig.event(), LoginEvent::Started(_)));
    expect_logout_then(&mut rig, &Denial::Cancelled);
}

#[test]
fn cancelled_when_the_start_has_just_been_answered_it_ends_the_session() {
    let mut rig = login();
    rig.expect_any_request();
    rig.answer(202, STARTED);
    rig.cancel();
    assert!(matches!(rig.event(), LoginEvent::Started(_)));
    expect_logout_then(&mut rig, &Denial::Cancelled);
}

#[test]
fn started_after_the_deadline_it_ends_the_session() {
    let mut rig = login_with(LoginOptions::default().deadline(Duration::from_secs(5)));
    rig.expect_any_request();
    rig.pass(Duration::from_secs(7));
    rig.answer(202, STARTED);
    assert!(matches!(rig.event(), LoginEvent::Started(_)));
    expect_logout_then(&mut rig, &Denial::NoAnswer);
}

#[test]
fn cancelled_while_it_starts_it_does_not_start_again() {
    for given in TRANSPORT_ERRORS.map(Given::Failure).into_iter().chain([
        Given::Answer(503, String::new()),
        Given::Answer(429, String::new()),
        Given::Answer(404, String::new()),
        Given::Lost,
    ]) {
        let mut rig = login();
        rig.expect_any_request();
        rig.cancel();
        given.to(&mut rig);
        expect_denial(&mut rig, &Denial::Cancelled);
    }
}

#[test]
fn cancelled_between_polls_it_ends_the_session() {
    let mut rig = started();
    rig.cancel();
    expect_logout_then(&mut rig, &Denial::Cancelled);
}

#[test]
fn cancelled_while_it_polls_it_ends_the_session_even_if_active_comes_now() {
    let mut rig = polled();
    let poll = rig.last_id();
    rig.cancel();
    rig.answer_to(poll, 200, &status_body("active"));
    rig.expect_request("POST", "/logout");
    rig.answer_to(poll, 200, &status_body("active"));
    rig.answer(200, DONE);
    expect_denial(&mut rig, &Denial::Cancelled);
}

#[test]
fn cancelled_while_it_logs_out_it_goes_on_logging_out() {
    let mut rig = polled();
    rig.answer(401, "");
    rig.expect_request("POST", "/logout");
    rig.cancel();
    rig.answer(503, "");
    rig.expect_wait(WaitReason::Retry);
    rig.cancel();
    rig.expect_request("POST", "/logout");
    rig.answer(200, DONE);
    assert!(matches!(expect_end(&mut rig), Err(Error::Status { status: 401, .. })));
}

#[test]
fn cancelled_twice_it_ends_once() {
    let mut rig = started();
    rig.cancel();
    rig.cancel();
    expect_logout_then(&mut rig, &Denial::Cancelled);
    rig.cancel();
    rig.expect_finished();
}

#[test]
fn the_first_end_from_outside_stands() {
    let mut rig = login_with(LoginOptions::default().deadline(Duration::from_secs(5)));
    rig.expect_any_request();
    rig.cancel();
    rig.pass(Duration::from_secs(6));
    rig.answer(202, STARTED);
    assert!(matches!(rig.event(), LoginEvent::Started(_)));
    expect_logout_then(&mut rig, &Denial::Cancelled);
}

#[test]
fn a_logout_that_fails_twice_is_owed() {
    for given in TRANSPORT_ERRORS
        .map(Given::Failure)
        .into_iter()
        .filter(|given| matches!(given, Given::Failure(kind) if kind.is_retryable()))
    {
        let mut rig = started();
        rig.cancel();
        for attempt in 0..2 {
            rig.expect_request("POST", "/logout");
            given.to(&mut rig);
            if attempt == 0 {
                rig.expect_wait(WaitReason::Retry);
            }
        }
        assert!(matches!(rig.event(), LoginEvent::Trouble(_)), "{given:?}");
        match rig.event() {
            LoginEvent::LogoutOwed(session) => assert_eq!(session.token().as_str(), "SESSION"),
            other => panic!("{given:?}: {other:?}"),
        }
        expect_denial(&mut rig, &Denial::Cancelled);
    }
}

#[test]
fn a_logout_that_is_refused_is_owed_whatever_the_refusal_says() {
    let unclear = ["", "{}", "null", r#"{"status": false}"#, r#"{"status": "true"}"#, "<html>"]
        .map(|body| Given::Answer(200, body.to_owned()));
    for given in lasting_refusals().into_iter().chain(unclear).chain([Given::Answer(302, DONE.to_owned())]) {
        let mut rig = started();
        rig.cancel();
        rig.expect_request("POST", "/logout");
        given.to(&mut rig);
        assert!(matches!(rig.event(), LoginEvent::Trouble(_)), "{given:?}");
        assert!(matches!(rig.event(), LoginEvent::LogoutOwed(_)), "{given:?}");
        expect_denial(&mut rig, &Denial::Cancelled);
    }
}

#[test]
fn a_logout_does_not_wait_for_long_before_it_is_owed() {
    let mut rig = started();
    rig.cancel();
    rig.expect_request("POST", "/logout");
    rig.answer_with(429, "", &[("retry-after", "30")]);
    assert!(matches!(rig.event(), LoginEvent::Trouble(_)));
    assert!(matches!(rig.event(), LoginEvent::LogoutOwed(_)));
}

#[test]
fn a_finished_login_takes_no_input() {
    let mut rig = polled();
    rig.answer(200, &status_body("cancelled"));
    expect_denial(&mut rig, &Denial::Declined);
    rig.answer(200, &status_body("active"));
    rig.cancel();
    rig.pass(Duration::from_secs(3600));
    rig.expect_finished();
}

#[test]
fn every_way_to_end_is_over_when_it_was_announced_to_be() {
    let mut rig = login();
    rig.expect_any_request();
    rig.answer(202, STARTED);
    let LoginEvent::Started(announced) = rig.event() else { panic!("not started") };
    // The slowest way: the last look is lost, then both logouts are.
    loop {
        match rig.poll() {
            crate::machine::Output::Send(_) => {}
            crate::machine::Output::Wait(pause) => rig.pass(pause.until.since(rig.now.mono)),
            crate::machine::Output::Event(_) => {}
            crate::machine::Output::Finished => break,
        }
    }
    assert!(rig.now.wall <= announced.decided_by, "{:?} > {:?}", rig.now.wall, announced.decided_by);
}
