//! Law 6, bounded asking: when a watch asks.

use std::time::Duration;

use super::watch_answers::{FRESHNESS, granted, rechecking, resumed};
use crate::Monotonic;
use crate::machine::test_rig::{Rig, session, status_body};
use crate::machine::{Output, WaitReason, Watch, WatchEvent, WatchOptions};

#[test]
fn it_asks_once_per_freshness_period_however_often_it_is_polled() {
    let mut rig = granted();
    let mut asked = 0;
    for _ in 0..1200 {
        match rig.poll() {
            Output::Send(question) => {
                asked += 1;
                // The answer takes a while, which must not shift the next question.
                rig.pass(Duration::from_millis(40));
                rig.answer_to(question.id, 200, &status_body("active"));
            }
            Output::Wait(_) => rig.pass(Duration::from_millis(100)),
            other => panic!("{other:?}"),
        }
    }
    assert!((11..=12).contains(&asked), "{asked} questions in 120 s");
}

#[test]
fn failed_questions_are_repeated_less_and_less_often_up_to_the_bound() {
    let mut rig = rechecking();
    rig.answer(500, "");
    assert!(matches!(rig.event(), WatchEvent::Unreachable(_)));
    let mut waits = Vec::new();
    for _ in 0..6 {
        waits.push(rig.expect_wait(WaitReason::Retry).as_secs());
        rig.expect_request("GET", "/status");
        rig.answer(500, "");
    }
    assert_eq!(waits, [1, 2, 4, 8, 10, 10]);
}

#[test]
fn a_question_that_was_answered_ends_the_backing_off() {
    let mut rig = rechecking();
    for _ in 0..4 {
        rig.answer(500, "");
        if let Output::Event(event) = rig.poll() {
            assert!(matches!(event, WatchEvent::Unreachable(_)));
        }
        rig.expect_wait(WaitReason::Retry);
        rig.expect_request("GET", "/status");
    }
    rig.answer(200, &status_body("active"));
    assert!(matches!(rig.event(), WatchEvent::Present));
    assert_eq!(rig.expect_wait(WaitReason::Recheck), FRESHNESS);
    rig.expect_request("GET", "/status");
    rig.answer(500, "");
    assert!(matches!(rig.event(), WatchEvent::Unreachable(_)));
    assert_eq!(rig.expect_wait(WaitReason::Retry), Duration::from_secs(1));
}

#[test]
fn retry_after_is_obeyed() {
    let mut rig = rechecking();
    rig.answer_with(429, "", &[("retry-after", "40")]);
    assert!(matches!(rig.event(), WatchEvent::Unreachable(_)));
    assert_eq!(rig.expect_wait(WaitReason::Retry), Duration::from_secs(40));
    rig.expect_request("GET", "/status");
}

#[test]
fn who_wants_it_fresher_shares_the_question_that_is_under_way() {
    let mut rig = granted();
    rig.pass(Duration::from_secs(1));
    for _ in 0..100 {
        rig.machine.ask_now(rig.now);
    }
    rig.expect_request("GET", "/status");
    for _ in 0..100 {
        rig.machine.ask_now(rig.now);
    }
    rig.answer(200, &status_body("active"));
    assert_eq!(rig.expect_wait(WaitReason::Recheck), FRESHNESS);
}

#[test]
fn a_finished_watch_asks_nothing_even_if_it_is_wanted_fresher() {
    let mut rig = resumed();
    rig.cancel();
    rig.machine.ask_now(rig.now);
    rig.expect_finished();
}

#[test]
fn a_lost_question_is_given_up_before_another_is_asked() {
    let mut rig = rechecking();
    assert_eq!(rig.expect_wait(WaitReason::Answer), Duration::from_secs(15));
    assert!(matches!(rig.event(), WatchEvent::Unreachable(_)));
    assert_eq!(rig.expect_wait(WaitReason::Retry), Duration::from_secs(1));
    rig.expect_request("GET", "/status");
}

#[test]
fn no_setting_makes_it_ask_without_a_pause() {
    let mut options = WatchOptions::default().freshness(Duration::ZERO);
    options.retry = Duration::ZERO;
    let mut rig = Rig::new(Watch::resumed(&session(), Monotonic::NEVER, options));
    rig.expect_request("GET", "/status");
    rig.answer(200, &status_body("active"));
    assert!(matches!(rig.event(), WatchEvent::Present));
    assert!(rig.expect_wait(WaitReason::Recheck) >= Duration::from_millis(500));
    rig.expect_request("GET", "/status");
    rig.answer(500, "");
    assert!(matches!(rig.event(), WatchEvent::Unreachable(_)));
    assert!(rig.expect_wait(WaitReason::Retry) >= Duration::from_millis(100));
}
