//! How an enrolment ends: deadline, cancel, trouble while it waits for the phone.

use std::time::Duration;

use super::enrolment::{
    CREATED, LINK, NO, YES, adding, checking, expect_end, linked, linking, polling, unassigned,
};
use super::given::Given;
use crate::machine::test_rig::{Rig, user};
use crate::machine::{Enrolment, EnrolmentEvent, EnrolmentOptions, EnrolmentOutcome, WaitReason};
use crate::{Error, Monotonic};

fn linked_for(deadline: Duration) -> Rig<Enrolment> {
    let mut rig = unassigned(EnrolmentOptions::default().deadline(deadline));
    assert!(matches!(rig.event(), EnrolmentEvent::Assign(_)));
    rig.machine.assigned(user("u"));
    rig.expect_any_request();
    rig.answer(201, CREATED);
    assert!(matches!(rig.event(), EnrolmentEvent::UserAdded { .. }));
    rig.expect_any_request();
    rig.answer(200, LINK);
    assert!(matches!(rig.event(), EnrolmentEvent::Link(_)));
    rig
}

#[test]
fn it_can_be_cancelled_anywhere() {
    let fresh = || unassigned(EnrolmentOptions::default());
    let assigning = || {
        let mut rig = fresh();
        assert!(matches!(rig.event(), EnrolmentEvent::Assign(_)));
        rig
    };
    let places: [fn() -> Rig<Enrolment>; 5] = [adding, checking, linking, linked, polling];
    for mut rig in [fresh(), assigning()].into_iter().chain(places.map(|place| place())) {
        rig.cancel();
        rig.machine.assigned(user("late"));
        assert_eq!(expect_end(&mut rig).unwrap(), EnrolmentOutcome::Cancelled);
        rig.cancel();
        rig.expect_finished();
    }
}

#[test]
fn a_late_answer_to_a_cancelled_one_changes_nothing() {
    let mut rig = polling();
    rig.cancel();
    rig.answer(200, YES);
    assert_eq!(expect_end(&mut rig).unwrap(), EnrolmentOutcome::Cancelled);
}

#[test]
fn the_last_look_is_taken_at_the_deadline() {
    let mut rig = linked_for(Duration::from_secs(5));
    let deadline = Monotonic::from_origin(Duration::from_secs(5));
    while rig.now.mono < deadline {
        rig.expect_wait(WaitReason::NextPoll);
        rig.expect_any_request();
        rig.answer(200, NO);
    }
    assert_eq!(rig.now.mono, deadline);
    assert_eq!(expect_end(&mut rig).unwrap(), EnrolmentOutcome::NotInTime);
}

#[test]
fn a_phone_that_registers_at_the_last_moment_is_in_time() {
    let mut rig = linked_for(Duration::from_millis(100));
    assert_eq!(rig.expect_wait(WaitReason::NextPoll), Duration::from_millis(100));
    rig.expect_any_request();
    rig.answer(200, YES);
    assert_eq!(expect_end(&mut rig).unwrap(), EnrolmentOutcome::Registered);
}

#[test]
fn the_time_that_the_first_steps_took_is_not_the_phones() {
    let mut rig = linking();
    rig.pass(Duration::from_secs(14));
    rig.answer(200, LINK);
    assert!(matches!(rig.event(), EnrolmentEvent::Link(_)));
    let from = rig.now.mono;
    loop {
        rig.expect_wait(WaitReason::NextPoll);
        rig.expect_any_request();
        rig.answer(200, NO);
        if rig.now.mono.since(from) >= Duration::from_secs(600) {
            break;
        }
    }
    assert_eq!(rig.now.mono.since(from), Duration::from_secs(600));
    assert_eq!(expect_end(&mut rig).unwrap(), EnrolmentOutcome::NotInTime);
}

#[test]
fn trouble_while_waiting_for_the_phone_is_told_and_waited_out() {
    let mut rig = polling();
    for attempt in 0..4 {
        rig.answer(503, "");
        if attempt < 3 {
            rig.expect_wait(WaitReason::Retry);
            rig.expect_any_request();
        }
    }
    assert!(matches!(rig.event(), EnrolmentEvent::Trouble(Error::Status { status: 503, .. })));
    rig.expect_wait(WaitReason::NextPoll);
    rig.expect_any_request();
    rig.answer(200, YES);
    assert_eq!(expect_end(&mut rig).unwrap(), EnrolmentOutcome::Registered);
}

#[test]
fn a_long_retry_after_is_obeyed_while_waiting_for_the_phone() {
    let mut rig = polling();
    rig.answer_with(429, "", &[("retry-after", "60")]);
    assert!(matches!(rig.event(), EnrolmentEvent::Trouble(_)));
    assert_eq!(rig.expect_wait(WaitReason::NextPoll), Duration::from_secs(60));
    rig.expect_any_request();
    rig.answer(200, NO);
    assert!(rig.expect_wait(WaitReason::NextPoll) <= Duration::from_secs(3));
}

#[test]
fn a_user_who_was_deleted_meanwhile_ends_it() {
    let mut rig = polling();
    Given::Answer(404, super::given::problem("UNKNOWN_USER")).to(&mut rig);
    assert!(matches!(expect_end(&mut rig), Err(Error::Status { status: 404, .. })));
}

#[test]
fn answers_that_nobody_awaits_change_nothing() {
    let mut rig = linking();
    let link = rig.last_id();
    rig.answer(200, LINK);
    assert!(matches!(rig.event(), EnrolmentEvent::Link(_)));
    rig.answer_to(link, 200, YES);
    rig.expect_wait(WaitReason::NextPoll);
    rig.expect_any_request();
    rig.answer_to(link, 200, YES);
    rig.expect_wait(WaitReason::Answer);
}
