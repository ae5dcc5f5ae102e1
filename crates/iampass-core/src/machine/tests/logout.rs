//! Law 2: a logout is told until it is confirmed, or until its session must have expired.

use std::time::Duration;

use super::given::{Given, TRANSPORT_ERRORS, lasting_refusals, unknown_session};
use crate::Monotonic;
use crate::machine::test_rig::{Rig, session};
use crate::machine::{Logout, LogoutEvent, LogoutOutcome, WaitReason};

const DONE: &str = r#"{"status": true}"#;

fn logout() -> Rig<Logout> {
    let mut rig = Rig::new(Logout::new(&session(), Monotonic::from_origin(Duration::from_secs(3600))));
    rig.expect_request("POST", "/logout");
    rig
}

fn expect_end(rig: &mut Rig<Logout>, outcome: LogoutOutcome) {
    match rig.event() {
        LogoutEvent::Finished(end) => assert_eq!(end, outcome),
        other => panic!("expected the end, got {other:?}"),
    }
    rig.expect_finished();
}

#[test]
fn only_a_confirmation_confirms() {
    let bodies = [
        "",
        "{}",
        "null",
        "[]",
        "<html>",
        r#"{"status": false}"#,
        r#"{"status": "true"}"#,
        r#"{"status": 1}"#,
    ];
    let unclear = bodies.map(|body| Given::Answer(200, body.to_owned())).into_iter();
    let errors = [204, 302, 404, 410, 500, 503].map(|status| Given::Answer(status, DONE.to_owned()));
    let lost = TRANSPORT_ERRORS.map(Given::Failure).into_iter().chain([Given::Lost]);
    for given in unclear.chain(errors).chain(lost).chain(lasting_refusals()) {
        let mut rig = logout();
        given.to(&mut rig);
        assert!(matches!(rig.event(), LogoutEvent::Trouble(_)), "{given:?}");
        rig.expect_wait(WaitReason::Retry);
        rig.expect_request("POST", "/logout");
        rig.answer(200, DONE);
        expect_end(&mut rig, LogoutOutcome::Confirmed);
    }
}

#[test]
fn a_session_that_is_gone_needs_no_confirmation() {
    let mut rig = logout();
    unknown_session().to(&mut rig);
    expect_end(&mut rig, LogoutOutcome::Confirmed);
}

#[test]
fn retry_after_is_obeyed() {
    let mut rig = logout();
    rig.answer_with(503, "", &[("retry-after", "300")]);
    assert!(matches!(rig.event(), LogoutEvent::Trouble(_)));
    assert_eq!(rig.expect_wait(WaitReason::Retry), Duration::from_secs(300));
}

#[test]
fn given_up_it_says_that_it_is_still_owed() {
    let mut asking = logout();
    asking.cancel();
    let mut waiting = logout();
    waiting.answer(500, "");
    assert!(matches!(waiting.event(), LogoutEvent::Trouble(_)));
    waiting.expect_wait(WaitReason::Retry);
    waiting.cancel();
    for mut rig in [asking, waiting] {
        rig.answer(200, DONE);
        expect_end(&mut rig, LogoutOutcome::Abandoned);
        rig.cancel();
        rig.expect_finished();
    }
}

#[test]
fn a_late_confirmation_of_an_attempt_that_was_given_up_does_not_count() {
    let mut rig = logout();
    let first = rig.last_id();
    rig.expect_wait(WaitReason::Answer);
    assert!(matches!(rig.event(), LogoutEvent::Trouble(_)));
    rig.expect_wait(WaitReason::Retry);
    rig.expect_request("POST", "/logout");
    rig.answer_to(first, 200, DONE);
    rig.expect_wait(WaitReason::Answer);
}

#[test]
fn every_attempt_is_signed_anew_by_the_session() {
    let mut rig = Rig::new(Logout::new(&session(), Monotonic::NEVER));
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..5 {
        let request = rig.expect_request("POST", "/logout");
        let signature = request.headers()["authentication"].to_str().unwrap().to_owned();
        assert!(signature.starts_with("hmac SESSION:"), "{signature}");
        assert!(seen.insert(signature));
        rig.answer(500, "");
        assert!(matches!(rig.event(), LogoutEvent::Trouble(_)));
        rig.expect_wait(WaitReason::Retry);
    }
}
