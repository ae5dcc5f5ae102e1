//! When a login asks.

use std::time::Duration;

use super::given::Given;
use super::login_start::{expect_denial, login_with, polled, started};
use crate::machine::test_rig::{STARTED, status_body};
use crate::machine::{Denial, LoginEvent, LoginOptions, LoginOutcome, WaitReason};
use crate::wire::SessionStatus;
use crate::{Error, Monotonic};

const MS: fn(u64) -> Duration = Duration::from_millis;

#[test]
fn polls_come_quickly_at_first_and_slower_later() {
    let mut rig = started();
    let mut waits = Vec::new();
    for _ in 0..8 {
        waits.push(rig.expect_wait(WaitReason::NextPoll));
        rig.expect_request("GET", "/status");
        rig.answer(200, &status_body("pending"));
    }
    assert_eq!(waits[..3], [MS(300), MS(450), MS(675)]);
    assert!(waits.is_sorted(), "{waits:?}");
    assert_eq!(waits[5..], [MS(2000); 3]);
}

#[test]
fn the_schedule_begins_anew_when_the_status_changes() {
    let mut rig = started();
    for word in ["pending", "pending", "pending", "identifying"] {
        rig.expect_wait(WaitReason::NextPoll);
        rig.expect_request("GET", "/status");
        rig.answer(200, &status_body(word));
    }
    assert!(matches!(rig.event(), LoginEvent::Progress(SessionStatus::Identifying)));
    assert_eq!(rig.expect_wait(WaitReason::NextPoll), MS(300));
    rig.expect_request("GET", "/status");
    rig.answer(200, &status_body("identifying"));
    assert_eq!(rig.expect_wait(WaitReason::NextPoll), MS(450));
}

#[test]
fn a_status_is_told_once() {
    let mut rig = started();
    let mut told = Vec::new();
    for word in ["pending", "identifying", "identifying", "odd", "odd", "walkaway", "pending"] {
        rig.expect_wait(WaitReason::NextPoll);
        rig.expect_request("GET", "/status");
        rig.answer(200, &status_body(word));
        // After an answer there is either a change to tell or the next wait.
        if let crate::machine::Output::Event(LoginEvent::Progress(status)) = rig.poll() {
            told.push(status.as_str().to_owned());
        }
    }
    assert_eq!(told, ["identifying", "odd", "walkaway", "pending"]);
}

#[test]
fn every_poll_is_signed_anew_by_the_session() {
    let mut rig = started();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..5 {
        rig.expect_wait(WaitReason::NextPoll);
        let request = rig.expect_request("GET", "/status");
        let signature = request.headers()["authentication"].to_str().unwrap().to_owned();
        assert!(signature.starts_with("hmac SESSION:"), "{signature}");
        assert!(seen.insert(signature));
        rig.answer(200, &status_body("pending"));
    }
}

#[test]
fn retry_after_is_obeyed() {
    let mut rig = polled();
    rig.answer_with(429, "", &[("retry-after", "17")]);
    assert!(matches!(rig.event(), LoginEvent::Trouble(Error::Status { status: 429, .. })));
    assert_eq!(rig.expect_wait(WaitReason::NextPoll), Duration::from_secs(17));
    rig.expect_request("GET", "/status");
    rig.answer(200, &status_body("pending"));
    assert!(rig.expect_wait(WaitReason::NextPoll) <= MS(2000));
}

#[test]
fn the_last_look_is_taken_at_the_deadline() {
    let mut rig = login_with(LoginOptions::default().deadline(Duration::from_secs(10)));
    rig.expect_any_request();
    rig.answer(202, STARTED);
    assert!(matches!(rig.event(), LoginEvent::Started(_)));
    let deadline = Monotonic::from_origin(Duration::from_secs(10));
    let mut polls = 0;
    while rig.now.mono < deadline {
        rig.expect_wait(WaitReason::NextPoll);
        rig.expect_request("GET", "/status");
        rig.answer(200, &status_body("pending"));
        polls += 1;
    }
    assert_eq!(rig.now.mono, deadline);
    assert!(polls > 5);
    rig.expect_request("POST", "/logout");
    rig.answer(200, r#"{"status": true}"#);
    expect_denial(&mut rig, &Denial::NoAnswer);
}

#[test]
fn who_accepts_at_the_last_moment_is_in() {
    let mut rig = login_with(LoginOptions::default().deadline(MS(200)));
    rig.expect_any_request();
    rig.answer(202, STARTED);
    assert!(matches!(rig.event(), LoginEvent::Started(_)));
    assert_eq!(rig.expect_wait(WaitReason::NextPoll), MS(200));
    rig.expect_request("GET", "/status");
    Given::word("active").to(&mut rig);
    assert!(matches!(rig.event(), LoginEvent::Finished(Ok(LoginOutcome::Granted(_)))));
}

#[test]
fn a_retry_after_beyond_the_deadline_ends_with_it() {
    let mut rig = polled();
    rig.answer_with(503, "", &[("retry-after", "3600")]);
    assert!(matches!(rig.event(), LoginEvent::Trouble(_)));
    rig.expect_wait(WaitReason::NextPoll);
    assert_eq!(rig.now.mono, Monotonic::from_origin(Duration::from_secs(60)));
}

#[test]
fn a_lost_answer_is_told_before_the_next_wait() {
    let mut rig = polled();
    assert_eq!(rig.expect_wait(WaitReason::Answer), Duration::from_secs(15));
    assert!(matches!(rig.event(), LoginEvent::Trouble(Error::Timeout)));
    rig.expect_wait(WaitReason::NextPoll);
    rig.expect_request("GET", "/status");
}
