//! A watch given each answer, in each of its states.

use std::time::Duration;

use super::given::{Given, UNKNOWN_WORDS, lasting_refusals, passing_troubles, unknown_session};
use crate::machine::test_rig::{Rig, session, status_body};
use crate::machine::{Access, Granted, WaitReason, Watch, WatchEnd, WatchEvent, WatchOptions};
use crate::wire::SessionStatus;
use crate::{Error, Monotonic, UnixSeconds};

pub(super) const LASTS: Duration = Duration::from_secs(3600);
pub(super) const FRESHNESS: Duration = Duration::from_secs(10);

pub(super) fn access(rig: &Rig<Watch>) -> Access {
    rig.machine.access(rig.now)
}

/// A watch of a stored session: nothing has been asked yet.
pub(super) fn resumed() -> Rig<Watch> {
    let expires = Monotonic::ORIGIN + LASTS;
    Rig::new(Watch::resumed(&session(), expires, WatchOptions::default()))
}

/// A watch of a session that a login has just granted.
pub(super) fn granted() -> Rig<Watch> {
    let granted = Granted {
        session: session(),
        confirmed_at: crate::Now::new(Duration::ZERO, crate::machine::test_rig::WALL),
        expires: Monotonic::ORIGIN + LASTS,
        expires_at: UnixSeconds(0),
        assurance: None,
        user: None,
    };
    Rig::new(Watch::granted(&granted, WatchOptions::default()))
}

/// A watch that awaits an answer, at the time when the last status has just gone out of date.
pub(super) fn rechecking() -> Rig<Watch> {
    let mut rig = granted();
    assert_eq!(rig.expect_wait(WaitReason::Recheck), FRESHNESS);
    rig.expect_request("GET", "/status");
    rig
}

/// Watches that await an answer: the first question, a recheck, one of an absent user, one after an unclear word.
fn awaiting() -> Vec<(&'static str, Rig<Watch>)> {
    let mut first = resumed();
    first.expect_request("GET", "/status");
    let after = |word: &str| {
        let mut rig = rechecking();
        rig.answer(200, &status_body(word));
        let _ = rig.event();
        rig.expect_wait(WaitReason::Recheck);
        rig.expect_request("GET", "/status");
        rig
    };
    vec![("first", first), ("present", rechecking()), ("away", after("walkaway")), ("unclear", after("odd"))]
}

fn expect_ended(rig: &mut Rig<Watch>, why: &WatchEnd) {
    assert_eq!(access(rig), Access::Ended);
    match rig.event() {
        WatchEvent::Ended(end) => assert_eq!(end, *why),
        other => panic!("expected the end, got {other:?}"),
    }
    rig.expect_finished();
    assert_eq!(access(rig), Access::Ended);
}

#[test]
fn active_lets_in_and_is_told_when_it_is_new() {
    for (place, mut rig) in awaiting() {
        Given::word("active").to(&mut rig);
        assert_eq!(access(&rig), Access::Granted, "{place}");
        if place != "present" {
            assert!(matches!(rig.event(), WatchEvent::Present), "{place}");
        }
        assert_eq!(rig.expect_wait(WaitReason::Recheck), FRESHNESS);
    }
}

#[test]
fn walkaway_lets_nobody_in_and_is_told_when_it_is_new() {
    for (place, mut rig) in awaiting() {
        Given::word("walkaway").to(&mut rig);
        assert_eq!(access(&rig), Access::Away, "{place}");
        if place != "away" {
            assert!(matches!(rig.event(), WatchEvent::Away), "{place}");
        }
        rig.expect_wait(WaitReason::Recheck);
    }
}

#[test]
fn who_comes_back_is_let_in_again() {
    let mut rig = rechecking();
    Given::word("walkaway").to(&mut rig);
    assert!(matches!(rig.event(), WatchEvent::Away));
    rig.expect_wait(WaitReason::Recheck);
    rig.expect_request("GET", "/status");
    Given::word("active").to(&mut rig);
    assert!(matches!(rig.event(), WatchEvent::Present));
    assert_eq!(access(&rig), Access::Granted);
}

#[test]
fn a_session_that_the_service_ended_is_over() {
    for word in ["timeout", "failed", "cancelled", "closed"] {
        for (_, mut rig) in awaiting() {
            Given::word(word).to(&mut rig);
            expect_ended(&mut rig, &WatchEnd::Closed(SessionStatus::from(word)));
        }
    }
}

#[test]
fn a_session_that_the_service_does_not_know_is_over() {
    for (_, mut rig) in awaiting() {
        unknown_session().to(&mut rig);
        expect_ended(&mut rig, &WatchEnd::Gone);
    }
}

#[test]
fn any_other_word_lets_nobody_in_at_once() {
    for word in ["pending", "identifying"].into_iter().chain(UNKNOWN_WORDS) {
        for (place, mut rig) in awaiting() {
            Given::word(word).to(&mut rig);
            assert_eq!(access(&rig), Access::Unconfirmed, "{place}, {word:?}");
            match rig.event() {
                WatchEvent::Unclear(status) => assert_eq!(status, SessionStatus::from(word)),
                other => panic!("{place}, {word:?}: {other:?}"),
            }
            rig.expect_wait(WaitReason::Recheck);
        }
    }
}

#[test]
fn an_error_lets_nobody_in_and_is_asked_again() {
    for given in passing_troubles().into_iter().chain(lasting_refusals()) {
        for (place, mut rig) in awaiting() {
            given.to(&mut rig);
            // An answer that is lost is so after the last status has gone out of date, as is every recheck here.
            rig.pass(Duration::from_millis(1));
            assert_eq!(access(&rig), Access::Unconfirmed, "{place}, {given:?}");
            let event = rig.event();
            assert!(matches!(event, WatchEvent::Unreachable(_)), "{place}, {given:?}: {event:?}");
            rig.expect_wait(WaitReason::Retry);
            rig.expect_request("GET", "/status");
        }
    }
}

#[test]
fn trouble_is_told_once_until_it_is_over() {
    let mut rig = rechecking();
    rig.answer(500, "");
    assert!(matches!(rig.event(), WatchEvent::Unreachable(_)));
    for given in [Given::Answer(502, String::new()), Given::Lost, Given::Answer(200, "{}".into())] {
        rig.expect_wait(WaitReason::Retry);
        rig.expect_request("GET", "/status");
        given.to(&mut rig);
    }
    rig.expect_wait(WaitReason::Retry);
    rig.expect_request("GET", "/status");
    Given::word("active").to(&mut rig);
    assert!(
        matches!(rig.event(), WatchEvent::Present),
        "so that those who were told of trouble know it is over"
    );
}

#[test]
fn answers_that_nobody_awaits_change_nothing() {
    for word in ["active", "walkaway", "closed"] {
        let mut rig = rechecking();
        let first = rig.last_id();
        rig.answer(503, "");
        rig.pass(Duration::from_millis(1));
        rig.answer_to(first, 200, &status_body(word));
        assert_eq!(access(&rig), Access::Unconfirmed, "{word}");
        assert!(matches!(rig.event(), WatchEvent::Unreachable(_)));
        rig.expect_wait(WaitReason::Retry);
        rig.expect_request("GET", "/status");
        rig.answer_to(first, 200, &status_body(word));
        assert_eq!(access(&rig), Access::Unconfirmed, "{word}");
        rig.expect_wait(WaitReason::Answer);
    }
}

#[test]
fn cancelled_it_is_over_without_a_word() {
    for (_, mut rig) in awaiting() {
        rig.cancel();
        assert_eq!(access(&rig), Access::Ended);
        rig.answer(200, &status_body("active"));
        assert_eq!(access(&rig), Access::Ended);
        rig.expect_finished();
    }
    let mut between = granted();
    between.expect_wait(WaitReason::Recheck);
    between.cancel();
    between.expect_finished();
}

#[test]
fn its_session_expires_by_our_clock_too() {
    let places = awaiting().into_iter().chain([("between", granted()), ("unasked", resumed())]);
    for (place, mut rig) in places {
        rig.now = crate::Now::new(LASTS - Duration::from_millis(1), 0);
        assert_ne!(access(&rig), Access::Ended, "{place}");
        rig.pass(Duration::from_millis(1));
        expect_ended(&mut rig, &WatchEnd::Expired);
    }
}

#[test]
fn nobody_is_told_to_be_there_after_the_session_has_expired() {
    let mut rig = resumed();
    rig.now = crate::Now::new(LASTS - Duration::from_millis(500), 0);
    rig.expect_request("GET", "/status");
    rig.now = crate::Now::new(LASTS, 0);
    // It comes before the watch has looked at the clock.
    rig.answer(200, &status_body("active"));
    expect_ended(&mut rig, &WatchEnd::Expired);
}

#[test]
fn no_wait_goes_on_past_the_expiry() {
    let mut rig = rechecking();
    rig.answer_with(503, "", &[("retry-after", "99999")]);
    assert!(matches!(rig.event(), WatchEvent::Unreachable(Error::Status { .. })));
    rig.expect_wait(WaitReason::Retry);
    assert_eq!(rig.now.mono, Monotonic::ORIGIN + LASTS);
    expect_ended(&mut rig, &WatchEnd::Expired);
}
