//! Login and Watch given hints, one at a time. The simulation covers any number of them in any order.

use std::time::Duration;

use super::login_start::started;
use super::watch_answers::{FRESHNESS, access, granted, resumed};
use crate::machine::test_rig::{Rig, status_body};
use crate::machine::{
    Access, Hint, Input, LoginEvent, LoginOutcome, Machine, Output, WaitReason, WatchEvent,
};
use crate::port::TransportErrorKind;
use crate::wire::SessionStatus;

const MS: fn(u64) -> Duration = Duration::from_millis;

fn hint<M: Machine<Event: std::fmt::Debug>>(rig: &mut Rig<M>, word: &str) {
    rig.machine.handle(rig.now, Input::Hint(Hint::Status(SessionStatus::from(word))));
}

#[test]
fn a_login_asks_when_the_stream_says_another_word_and_believes_the_answer_only() {
    let mut rig = started();
    rig.pass(MS(10));
    hint(&mut rig, "active");
    rig.expect_request("GET", "/status");
    rig.answer(200, &status_body("pending"));
    assert!(matches!(rig.poll(), Output::Wait(_)), "the service says that nobody has accepted");
    hint(&mut rig, "active");
    // Not at once: the last hint was wrong.
    assert_eq!(rig.expect_wait(WaitReason::NextPoll), MS(250));
    rig.expect_request("GET", "/status");
    rig.answer(200, &status_body("active"));
    assert!(matches!(rig.event(), LoginEvent::Finished(Ok(LoginOutcome::Granted(_)))));
}

#[test]
fn a_login_that_hears_of_the_end_asks_too() {
    for word in ["cancelled", "timeout", "failed", "closed"] {
        let mut rig = started();
        hint(&mut rig, word);
        rig.expect_request("GET", "/status");
        rig.answer(200, &status_body(word));
        assert!(matches!(rig.event(), LoginEvent::Finished(Ok(LoginOutcome::Denied(_)))), "{word}");
    }
}

#[test]
fn no_hint_makes_a_busy_service_be_asked_sooner_than_it_wants() {
    let mut rig = started();
    rig.expect_wait(WaitReason::NextPoll);
    rig.expect_request("GET", "/status");
    rig.answer_with(503, "", &[("retry-after", "7")]);
    assert!(matches!(rig.event(), LoginEvent::Trouble(_)));
    hint(&mut rig, "active");
    assert_eq!(rig.expect_wait(WaitReason::NextPoll), Duration::from_secs(7));
    rig.expect_request("GET", "/status");
}

/// The stream says so, and the question that it gave rise to fails: it is asked again soon, not in ten seconds.
#[test]
fn a_question_for_a_hint_that_fails_is_put_again_by_the_ordinary_schedule() {
    let mut rig = started();
    hint(&mut rig, "pending");
    hint(&mut rig, "active");
    rig.expect_request("GET", "/status");
    rig.fail(TransportErrorKind::Other);
    assert!(matches!(rig.event(), LoginEvent::Trouble(_)));
    assert_eq!(rig.expect_wait(WaitReason::NextPoll), MS(450));
    rig.expect_request("GET", "/status");
}

#[test]
fn a_hint_when_it_is_over_is_nothing() {
    let mut rig = started();
    rig.cancel();
    hint(&mut rig, "active");
    rig.expect_request("POST", "/logout");
    hint(&mut rig, "active");
    rig.answer(200, r#"{"status": true}"#);
    assert!(matches!(rig.event(), LoginEvent::Finished(Ok(LoginOutcome::Denied(_)))));
    hint(&mut rig, "active");
    rig.expect_finished();
    let mut rig = granted();
    rig.cancel();
    hint(&mut rig, "active");
    assert_eq!(access(&rig), Access::Ended);
    rig.expect_finished();
}

#[test]
fn a_watch_lets_nobody_in_because_of_a_stream() {
    let mut rig = resumed();
    rig.expect_request("GET", "/status");
    rig.answer(200, &status_body("walkaway"));
    assert!(matches!(rig.event(), WatchEvent::Away));
    for _ in 0..3 {
        rig.pass(Duration::from_secs(1));
        hint(&mut rig, "active");
        assert_eq!(access(&rig), Access::Away);
    }
    rig.expect_request("GET", "/status");
    assert_eq!(access(&rig), Access::Away);
    rig.answer(200, &status_body("active"));
    assert_eq!(access(&rig), Access::Granted);
}

#[test]
fn a_watch_holds_off_whom_the_stream_speaks_against_until_it_has_asked() {
    for word in ["walkaway", "closed", "timeout", "failed", "cancelled", "pending", "identifying"] {
        let mut rig = granted();
        rig.pass(Duration::from_secs(1));
        hint(&mut rig, word);
        assert_eq!(access(&rig), Access::Unconfirmed, "{word}");
        rig.expect_request("GET", "/status");
        rig.answer(200, &status_body("active"));
        assert_eq!(access(&rig), Access::Granted, "the service says otherwise");
        assert_eq!(rig.expect_wait(WaitReason::Recheck), FRESHNESS);
    }
    let mut rig = granted();
    rig.machine.handle(rig.now, Input::Hint(Hint::Unclear));
    assert_eq!(access(&rig), Access::Unconfirmed);
}

#[test]
fn a_watch_holds_off_whom_it_cannot_ask_about_after_such_a_hint() {
    let mut rig = granted();
    rig.pass(Duration::from_secs(1));
    hint(&mut rig, "walkaway");
    rig.expect_request("GET", "/status");
    rig.fail(TransportErrorKind::Other);
    assert!(matches!(rig.event(), WatchEvent::Unreachable(_)));
    assert_eq!(access(&rig), Access::Unconfirmed);
}

/// The question was put while the user was there, and they left before its answer came.
#[test]
fn an_answer_does_not_outweigh_a_hint_that_came_after_its_question() {
    let mut rig = resumed();
    rig.expect_request("GET", "/status");
    hint(&mut rig, "walkaway");
    rig.answer(200, &status_body("active"));
    assert_eq!(access(&rig), Access::Unconfirmed);
    rig.expect_request("GET", "/status");
    rig.answer(200, &status_body("walkaway"));
    assert!(matches!(rig.event(), WatchEvent::Away));
}

#[test]
fn a_stream_that_says_what_is_known_changes_nothing() {
    let mut rig = granted();
    for _ in 0..3 {
        hint(&mut rig, "active");
        rig.machine.handle(rig.now, Input::Hint(Hint::Alive));
        rig.machine.handle(rig.now, Input::Hint(Hint::Lost));
    }
    assert_eq!(access(&rig), Access::Granted);
    assert_eq!(rig.expect_wait(WaitReason::Recheck), FRESHNESS);
}
