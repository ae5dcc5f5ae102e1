//! The steps of an enrolment, and what each of them makes of its answers.

use std::sync::Arc;

use super::given::{Given, TRANSPORT_ERRORS, problem};
use crate::Monotonic;
use crate::machine::test_rig::{Rig, application, user};
use crate::machine::{Enrolment, EnrolmentEvent, EnrolmentOptions, EnrolmentOutcome, WaitReason};

pub(super) const CREATED: &str = r#"{"status": true, "users": {"created": ["u"], "existing": []}}"#;
pub(super) const EXISTING: &str = r#"{"status": true, "users": {"created": [], "existing": ["u"]}}"#;
pub(super) const LINK: &str = r#"{"status": true, "register_url": "https://login.example/r/1"}"#;
pub(super) const NO: &str = r#"{"status": true, "device_registered": false}"#;
pub(super) const YES: &str = r#"{"status": true, "device_registered": true}"#;

pub(super) fn expect_end(rig: &mut Rig<Enrolment>) -> Result<EnrolmentOutcome, crate::Error> {
    let end = match rig.event() {
        EnrolmentEvent::Finished(end) => end,
        other => panic!("expected the end, got {other:?}"),
    };
    rig.expect_finished();
    end
}

pub(super) fn unassigned(options: EnrolmentOptions) -> Rig<Enrolment> {
    Rig::new(Enrolment::new(Arc::new(application()), options))
}

/// Awaits the answer to `add_users`.
pub(super) fn adding() -> Rig<Enrolment> {
    let mut rig = unassigned(EnrolmentOptions::default());
    assert!(matches!(rig.event(), EnrolmentEvent::Assign(_)));
    rig.expect_wait_for_assignment();
    rig.machine.assigned(user("u"));
    rig.expect_request("POST", "/management/add_users/APP");
    rig
}

/// Awaits the answer to whether there is a phone already.
pub(super) fn checking() -> Rig<Enrolment> {
    let mut rig = adding();
    rig.answer(200, EXISTING);
    assert!(matches!(rig.event(), EnrolmentEvent::UserAdded { existed: true }));
    rig.expect_request("GET", "/management/has_registered_mobile_device/APP/u");
    rig
}

/// Awaits the link.
pub(super) fn linking() -> Rig<Enrolment> {
    let mut rig = adding();
    rig.answer(201, CREATED);
    assert!(matches!(rig.event(), EnrolmentEvent::UserAdded { existed: false }));
    rig.expect_request("GET", "/management/device_registration_link/APP/u");
    rig
}

/// Has told the link, and will poll.
pub(super) fn linked() -> Rig<Enrolment> {
    let mut rig = linking();
    rig.answer(200, LINK);
    match rig.event() {
        EnrolmentEvent::Link(link) => assert_eq!(link.as_str(), "https://login.example/r/1"),
        other => panic!("{other:?}"),
    }
    rig
}

/// Awaits the answer to a poll.
pub(super) fn polling() -> Rig<Enrolment> {
    let mut rig = linked();
    rig.expect_wait(WaitReason::NextPoll);
    rig.expect_request("GET", "/management/has_registered_mobile_device/APP/u");
    rig
}

impl Rig<Enrolment> {
    fn expect_wait_for_assignment(&mut self) {
        match self.poll() {
            crate::machine::Output::Wait(pause) => {
                assert_eq!((pause.reason, pause.until), (WaitReason::Assignment, Monotonic::NEVER));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_phone_that_registers_ends_it() {
    let mut rig = polling();
    rig.answer(200, NO);
    rig.expect_wait(WaitReason::NextPoll);
    rig.expect_any_request();
    rig.answer(200, YES);
    assert_eq!(expect_end(&mut rig).unwrap(), EnrolmentOutcome::Registered);
}

#[test]
fn the_token_that_is_asked_for_is_random() {
    let mut tokens = std::collections::BTreeSet::new();
    let mut rig = unassigned(EnrolmentOptions::default());
    for _ in 0..3 {
        match rig.event() {
            EnrolmentEvent::Assign(token) => assert!(tokens.insert(token)),
            other => panic!("{other:?}"),
        }
        rig.machine = Enrolment::new(Arc::new(application()), EnrolmentOptions::default());
    }
    assert!(tokens.iter().all(|token| token.as_str().len() == 22));
}

#[test]
fn the_token_that_the_store_holds_is_the_one_that_is_used() {
    let mut rig = unassigned(EnrolmentOptions::default());
    assert!(matches!(rig.event(), EnrolmentEvent::Assign(_)));
    rig.machine.assigned(user("held since long"));
    rig.machine.assigned(user("another"));
    assert_eq!(rig.expect_any_request().body(), br#"{"users":["held since long"]}"#);
}

#[test]
fn a_token_that_was_not_asked_for_is_ignored() {
    let mut rig = unassigned(EnrolmentOptions::default());
    rig.machine.assigned(user("u"));
    assert!(matches!(rig.event(), EnrolmentEvent::Assign(_)));
    rig.expect_wait_for_assignment();
}

#[test]
fn a_user_with_a_phone_gets_no_link() {
    let mut rig = checking();
    rig.answer(200, YES);
    assert_eq!(expect_end(&mut rig).unwrap(), EnrolmentOutcome::AlreadyRegistered);
}

#[test]
fn a_known_user_without_a_phone_gets_a_link() {
    let mut rig = checking();
    rig.answer(200, NO);
    rig.expect_request("GET", "/management/device_registration_link/APP/u");
}

#[test]
fn the_display_name_goes_with_the_link() {
    let mut rig = unassigned(EnrolmentOptions::default().display_name("Jo & Co"));
    assert!(matches!(rig.event(), EnrolmentEvent::Assign(_)));
    rig.machine.assigned(user("u"));
    rig.expect_any_request();
    rig.answer(201, CREATED);
    assert!(matches!(rig.event(), EnrolmentEvent::UserAdded { .. }));
    assert_eq!(rig.expect_any_request().uri().query(), Some("display_name=Jo%20%26%20Co"));
}

#[test]
fn polls_slow_down() {
    let mut rig = polling();
    let mut waits = Vec::new();
    for _ in 0..5 {
        rig.answer(200, NO);
        waits.push(rig.expect_wait(WaitReason::NextPoll).as_millis());
        rig.expect_any_request();
    }
    assert_eq!(waits, [1500, 2250, 3000, 3000, 3000]);
}

#[test]
fn each_step_is_tried_again_where_that_may_help() {
    let troubles: Vec<_> = [408, 425, 429, 500, 502, 503, 504]
        .map(|status| Given::Answer(status, String::new()))
        .into_iter()
        .chain(TRANSPORT_ERRORS.into_iter().filter(|kind| kind.is_retryable()).map(Given::Failure))
        .chain([Given::Lost, Given::Answer(403, problem("NONCE_REPLAYED"))])
        .collect();
    for step in [adding, checking, linking, polling] {
        for given in &troubles {
            let mut rig = step();
            given.to(&mut rig);
            rig.expect_wait(WaitReason::Retry);
            rig.expect_any_request();
        }
    }
}

#[test]
fn a_step_that_will_not_do_ends_it_with_the_error() {
    let refusals: Vec<_> = [400, 401, 403, 404, 413, 422, 302, 204]
        .map(|status| Given::Answer(status, String::new()))
        .into_iter()
        .chain(["", "{}", "null", "<html>"].map(|body| Given::Answer(200, body.to_owned())))
        .collect();
    for step in [adding, checking, linking] {
        for given in &refusals {
            let mut rig = step();
            given.to(&mut rig);
            assert!(expect_end(&mut rig).is_err(), "{given:?}");
        }
    }
}

#[test]
fn a_link_that_is_no_web_address_is_not_shown() {
    for url in ["javascript:alert(1)", "file:///etc/passwd", "", "r/1"] {
        let mut rig = linking();
        rig.answer(200, &serde_json::json!({"status": true, "register_url": url}).to_string());
        assert!(matches!(expect_end(&mut rig), Err(crate::Error::RefusedUrl { .. })), "{url}");
    }
}

#[test]
fn only_a_plain_yes_registers() {
    for body in [
        NO,
        "",
        "{}",
        r#"{"status": true}"#,
        r#"{"status": true, "device_registered": "true"}"#,
        r#"{"status": true, "device_registered": 1}"#,
        r#"{"status": true, "device_registered": null}"#,
    ] {
        for step in [checking, polling] {
            let mut rig = step();
            rig.answer(200, body);
            let next = rig.poll();
            let registered = matches!(
                next,
                crate::machine::Output::Event(EnrolmentEvent::Finished(Ok(
                    EnrolmentOutcome::Registered | EnrolmentOutcome::AlreadyRegistered
                )))
            );
            assert!(!registered, "{body}");
        }
    }
}
