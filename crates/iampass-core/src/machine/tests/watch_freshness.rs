//! Law 1 for sessions in use: `active` lets in until the freshness bound, counted from the question, and no longer.

use std::time::Duration;

use super::watch_answers::{FRESHNESS, access, granted, rechecking, resumed};
use crate::Monotonic;
use crate::machine::test_rig::{Rig, session, status_body};
use crate::machine::{Access, WaitReason, Watch, WatchEvent, WatchOptions};

const MS: fn(u64) -> Duration = Duration::from_millis;

#[test]
fn nothing_is_known_of_a_stored_session_until_the_service_said_so() {
    let mut rig = resumed();
    assert_eq!(access(&rig), Access::Unconfirmed);
    rig.expect_request("GET", "/status");
    assert_eq!(access(&rig), Access::Unconfirmed);
    rig.answer(200, &status_body("active"));
    assert_eq!(access(&rig), Access::Granted);
}

#[test]
fn a_granted_session_is_fresh_for_as_long_as_the_bound() {
    let mut rig = granted();
    assert_eq!(access(&rig), Access::Granted);
    rig.pass(FRESHNESS);
    assert_eq!(access(&rig), Access::Granted);
    rig.pass(MS(1));
    assert_eq!(access(&rig), Access::Unconfirmed);
}

#[test]
fn freshness_counts_from_the_question_and_not_from_the_answer() {
    let mut rig = rechecking();
    rig.pass(Duration::from_secs(4));
    rig.answer(200, &status_body("active"));
    assert_eq!(rig.machine.age(rig.now), Some(Duration::from_secs(4)));
    rig.pass(Duration::from_secs(6));
    assert_eq!(access(&rig), Access::Granted);
    rig.pass(MS(1));
    assert_eq!(access(&rig), Access::Unconfirmed);
}

#[test]
fn the_last_word_holds_while_the_next_is_awaited_but_not_beyond_the_bound() {
    let mut rig = granted();
    rig.pass(Duration::from_secs(3));
    rig.machine.ask_now(rig.now);
    rig.expect_request("GET", "/status");
    assert_eq!(access(&rig), Access::Granted);
    rig.pass(Duration::from_secs(7) + MS(1));
    assert_eq!(access(&rig), Access::Unconfirmed);
}

/// Fault A13: a node that slept believed an old `active` for a whole bound.
#[test]
fn a_word_from_before_the_machine_slept_lets_nobody_in_and_is_asked_for_again_at_once() {
    for seconds in [11, 3_000, -11, -3_000] {
        let mut rig = granted();
        rig.pass(MS(10));
        assert!(matches!(rig.poll(), crate::machine::Output::Wait(_)));
        rig.set_wall_clock(seconds);
        assert_eq!(access(&rig), Access::Unconfirmed, "{seconds}");
        rig.expect_request("GET", "/status");
        assert_eq!(access(&rig), Access::Unconfirmed, "{seconds}");
        rig.answer(200, &status_body("active"));
        assert_eq!(access(&rig), Access::Granted, "a step costs a question");
        assert_eq!(rig.expect_wait(WaitReason::Recheck), FRESHNESS, "and no more than one");
    }
}

#[test]
fn both_clocks_have_to_say_that_a_word_is_fresh() {
    let mut rig = granted();
    rig.pass(Duration::from_secs(6));
    rig.set_wall_clock(4);
    assert_eq!(access(&rig), Access::Granted, "ten seconds by the wall clock");
    rig.pass(MS(1));
    assert_eq!(access(&rig), Access::Unconfirmed);
    let mut rig = granted();
    rig.pass(Duration::from_secs(10) + MS(1));
    rig.set_wall_clock(-8);
    assert_eq!(access(&rig), Access::Unconfirmed, "eleven seconds by the monotonic clock");
}

#[test]
fn an_answer_from_before_the_machine_slept_is_out_of_date() {
    let mut rig = rechecking();
    rig.set_wall_clock(11);
    rig.answer(200, &status_body("active"));
    assert_eq!(access(&rig), Access::Unconfirmed);
    assert!(matches!(rig.event(), WatchEvent::Unreachable(_)));
}

#[test]
fn an_error_does_not_prolong_the_last_word() {
    let mut rig = granted();
    rig.pass(Duration::from_secs(9));
    rig.machine.ask_now(rig.now);
    rig.expect_request("GET", "/status");
    rig.answer(500, &status_body("active"));
    assert_eq!(access(&rig), Access::Granted, "what was said 9 s ago still holds");
    rig.pass(Duration::from_secs(1) + MS(1));
    assert_eq!(access(&rig), Access::Unconfirmed);
}

#[test]
fn an_active_that_is_out_of_date_when_it_comes_lets_nobody_in_and_is_not_told() {
    let mut rig = rechecking();
    rig.pass(FRESHNESS + MS(1));
    rig.answer(200, &status_body("active"));
    assert_eq!(access(&rig), Access::Unconfirmed);
    let event = rig.event();
    assert!(matches!(event, WatchEvent::Unreachable(_)), "{event:?}");
    rig.expect_wait(WaitReason::Retry);
}

#[test]
fn an_active_that_is_out_of_date_does_not_undo_a_walkaway() {
    let mut rig = rechecking();
    rig.answer(200, &status_body("walkaway"));
    assert!(matches!(rig.event(), WatchEvent::Away));
    rig.expect_wait(WaitReason::Recheck);
    rig.expect_request("GET", "/status");
    rig.pass(FRESHNESS + MS(1));
    rig.answer(200, &status_body("active"));
    assert_ne!(access(&rig), Access::Granted);
    assert!(!matches!(rig.event(), WatchEvent::Present));
}

#[test]
fn an_answer_to_an_older_question_confirms_nothing_newer() {
    let mut rig = rechecking();
    let old = rig.last_id();
    assert_eq!(rig.expect_wait(WaitReason::Answer), Duration::from_secs(15));
    assert!(matches!(rig.event(), WatchEvent::Unreachable(_)));
    rig.expect_wait(WaitReason::Retry);
    rig.expect_request("GET", "/status");
    rig.answer_to(old, 200, &status_body("active"));
    assert_eq!(access(&rig), Access::Unconfirmed);
}

#[test]
fn walkaway_is_believed_for_no_longer_than_active() {
    let mut rig = rechecking();
    rig.answer(200, &status_body("walkaway"));
    rig.pass(FRESHNESS + MS(1));
    assert_eq!(access(&rig), Access::Unconfirmed);
}

#[test]
fn a_session_past_its_end_is_not_fresh_however_lately_it_was_confirmed() {
    let expires = Monotonic::from_origin(Duration::from_secs(3));
    let mut rig = Rig::new(Watch::resumed(&session(), expires, WatchOptions::default()));
    rig.expect_request("GET", "/status");
    rig.answer(200, &status_body("active"));
    assert_eq!(access(&rig), Access::Granted);
    rig.pass(Duration::from_secs(3));
    assert_eq!(access(&rig), Access::Ended);
}

#[test]
fn another_bound_holds_as_well() {
    let bound = Duration::from_secs(2);
    let options = WatchOptions::default().freshness(bound);
    let mut rig = Rig::new(Watch::resumed(&session(), Monotonic::NEVER, options));
    rig.expect_request("GET", "/status");
    rig.answer(200, &status_body("active"));
    rig.pass(bound);
    assert_eq!(access(&rig), Access::Granted);
    rig.pass(MS(1));
    assert_eq!(access(&rig), Access::Unconfirmed);
}

#[test]
fn the_age_of_the_last_word_is_unknown_where_there_is_none() {
    let mut rig = resumed();
    assert_eq!(rig.machine.age(rig.now), None);
    rig.expect_request("GET", "/status");
    rig.answer(200, &status_body("odd"));
    assert_eq!(rig.machine.age(rig.now), None);
}
