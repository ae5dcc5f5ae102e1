//! Law 1 for logins: nothing but `active`, said to a signed question about the very session, lets anybody in.

use std::time::Duration;

use super::given::{Given, UNKNOWN_WORDS, lasting_refusals, passing_troubles};
use super::login_start::{login, polled, started};
use crate::machine::test_rig::{Rig, STARTED, status_body};
use crate::machine::{Access, Granted, Login, LoginEvent, LoginOutcome, Output, Watch, WatchOptions};

/// Polls until the login is over, answering nothing, and says whether it ever granted.
fn is_ever_granted(rig: &mut Rig<Login>) -> bool {
    loop {
        match rig.poll() {
            Output::Event(LoginEvent::Finished(Ok(LoginOutcome::Granted(_)))) => return true,
            Output::Event(_) | Output::Send(_) => {}
            Output::Wait(pause) => rig.pass(pause.until.since(rig.now.mono)),
            Output::Finished => return false,
        }
    }
}

fn granted(rig: &mut Rig<Login>) -> Granted {
    match rig.event() {
        LoginEvent::Finished(Ok(LoginOutcome::Granted(granted))) => granted,
        other => panic!("not granted: {other:?}"),
    }
}

#[test]
fn no_other_answer_to_a_poll_grants() {
    let words = ["pending", "identifying", "walkaway", "timeout", "failed", "cancelled", "closed"];
    let words = words.into_iter().chain(UNKNOWN_WORDS).map(Given::word);
    let mut tried = 0;
    for given in words.chain(passing_troubles()).chain(lasting_refusals()) {
        let mut rig = polled();
        given.to(&mut rig);
        assert!(!is_ever_granted(&mut rig), "{given:?}");
        tried += 1;
    }
    assert!(tried > 70, "{tried}");
    let mut rig = polled();
    Given::word("active").to(&mut rig);
    assert!(is_ever_granted(&mut rig), "so that the above is no accident");
}

#[test]
fn an_answer_to_the_start_that_says_active_grants_nothing() {
    for body in [STARTED.replace("pending", "active"), status_body("active")] {
        let mut rig = login();
        rig.expect_any_request();
        rig.answer(202, &body);
        assert!(!is_ever_granted(&mut rig), "{body}");
    }
}

#[test]
fn an_answer_to_the_logout_that_says_active_grants_nothing() {
    let mut rig = started();
    rig.cancel();
    rig.expect_request("POST", "/logout");
    rig.answer(200, &status_body("active"));
    assert!(!is_ever_granted(&mut rig));
}

#[test]
fn an_answer_to_another_question_grants_nothing() {
    let mut elsewhere = polled();
    for _ in 0..3 {
        elsewhere.answer(500, "");
        let _ = elsewhere.event();
        elsewhere.expect_wait(crate::machine::WaitReason::NextPoll);
        elsewhere.expect_any_request();
    }
    let mut rig = polled();
    let first = rig.last_id();
    rig.answer_to(elsewhere.last_id(), 200, &status_body("active"));
    rig.answer(500, "");
    rig.answer_to(first, 200, &status_body("active"));
    assert!(!is_ever_granted(&mut rig));
}

#[test]
fn an_answer_about_another_session_grants_nothing() {
    let of = |token: serde_json::Value| {
        let fields =
            serde_json::json!({"authenticated": true, "session_status": "active", "session_token": token});
        [fields.to_string(), serde_json::json!({"authentication_status": fields}).to_string()]
    };
    for body in [of("OTHER".into()), of("".into()), of(7.into())].concat() {
        let mut rig = polled();
        rig.answer(200, &body);
        assert!(!is_ever_granted(&mut rig), "{body}");
    }
    for body in [of("SESSION".into()), of(serde_json::Value::Null)].concat() {
        let mut rig = polled();
        rig.answer(200, &body);
        assert!(is_ever_granted(&mut rig), "{body}");
    }
}

#[test]
fn an_answer_that_comes_too_late_grants_nothing() {
    let mut rig = polled();
    rig.pass(Duration::from_secs(15));
    rig.answer(200, &status_body("active"));
    assert!(!is_ever_granted(&mut rig));
}

/// The machine slept while the answer was on its way, or its clock was set: nobody can tell how old the answer is.
#[test]
fn an_answer_from_before_the_machine_slept_grants_nothing() {
    for seconds in [11, 3_000, -11, -3_000] {
        let mut rig = polled();
        rig.set_wall_clock(seconds);
        rig.answer(200, &status_body("active"));
        assert!(!is_ever_granted(&mut rig), "{seconds}");
    }
}

#[test]
fn a_granted_session_counts_as_confirmed_when_it_was_asked_about() {
    let mut rig = polled();
    let asked = rig.now;
    rig.pass(Duration::from_secs(9));
    rig.answer(200, &status_body("active"));
    let granted = granted(&mut rig);
    assert_eq!(granted.confirmed_at, asked);
    assert_eq!(granted.expires, asked.mono + Duration::from_secs(3600));
    assert!(granted.expires_at >= asked.wall.plus(Duration::from_secs(3600)));
    let watch = Watch::granted(&granted, WatchOptions::default());
    assert_eq!(watch.access(rig.now), Access::Granted);
    assert_eq!(watch.access(rig.now.plus(Duration::from_millis(1001))), Access::Unconfirmed);
}

#[test]
fn a_login_that_was_granted_slowly_is_not_fresh_any_more() {
    let mut rig = polled();
    rig.pass(Duration::from_secs(10));
    rig.answer(200, &status_body("active"));
    let granted = granted(&mut rig);
    let watch = Watch::granted(&granted, WatchOptions::default());
    assert_eq!(watch.access(rig.now), Access::Granted);
    rig.pass(Duration::from_millis(1));
    assert_eq!(watch.access(rig.now), Access::Unconfirmed);
}
