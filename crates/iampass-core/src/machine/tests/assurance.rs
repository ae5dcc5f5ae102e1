//! The proof of an approval, as machines tell it: no more than the service's last answer says.

use super::login_start::polled;
use super::watch_answers::{rechecking, resumed};
use crate::machine::test_rig::{Rig, status_body};
use crate::machine::{LoginEvent, LoginOutcome, Watch, WatchEvent, WatchOptions};
use crate::port::TransportErrorKind::Connect;
use crate::wire::{Assurance, KeyKind};

const WHOLE: &str = r#"{"code": true, "unlocked": true, "key": "device"}"#;

fn said(word: &str, assurance: &str) -> String {
    format!(r#"{{"authenticated": true, "session_status": "{word}", "assurance": {assurance}}}"#)
}

fn whole() -> Assurance {
    Assurance::default().code(true).unlocked(true).key(KeyKind::Device)
}

#[test]
fn a_granted_login_tells_what_was_proven() {
    for (body, proven) in [
        (said("active", WHOLE), Some(whole())),
        (said("active", r#"{"code": true}"#), Some(Assurance::default().code(true))),
        (said("active", "{}"), Some(Assurance::default())),
        (said("active", "null"), None),
        (status_body("active"), None),
    ] {
        let mut rig = polled();
        rig.answer(200, &body);
        let LoginEvent::Finished(Ok(LoginOutcome::Granted(granted))) = rig.event() else {
            panic!("not granted: {body}")
        };
        assert_eq!(granted.assurance, proven, "{body}");
        let watch = Watch::granted(&granted, WatchOptions::default());
        assert_eq!(watch.assurance(), proven.as_ref());
    }
}

#[test]
fn a_malformed_proof_lets_nobody_in() {
    for bad in [r#"{"code": "true"}"#, r#"{"code": 1}"#, r#"{"key": 7}"#, "true", r#""device""#] {
        let mut rig = polled();
        rig.answer(200, &said("active", bad));
        assert!(matches!(rig.event(), LoginEvent::Trouble(_)), "{bad}");
        let mut rig = rechecking();
        rig.answer(200, &said("active", bad));
        assert!(matches!(rig.event(), WatchEvent::Unreachable(_)), "{bad}");
    }
}

fn answer(rig: &mut Rig<Watch>, body: &str) {
    rig.answer(200, body);
}

#[test]
fn a_watch_tells_what_the_last_answer_says() {
    let mut rig = resumed();
    assert_eq!(rig.machine.assurance(), None, "nothing is known");
    rig.expect_request("GET", "/status");
    answer(&mut rig, &said("active", WHOLE));
    assert_eq!(rig.machine.assurance(), Some(&whole()));
    assert!(matches!(rig.event(), WatchEvent::Present));
    // Less, and then nothing at all.
    for (assurance, told) in [("{}", Some(Assurance::default())), ("null", None)] {
        rig.machine.ask_now(rig.now);
        rig.expect_request("GET", "/status");
        answer(&mut rig, &said("active", assurance));
        assert_eq!(rig.machine.assurance(), told.as_ref());
    }
}

#[test]
fn nothing_is_proven_where_nothing_is_known() {
    for word in ["pending", "new", "closed"] {
        let mut rig = rechecking();
        answer(&mut rig, &said(word, WHOLE));
        assert_eq!(rig.machine.assurance(), None, "{word}");
    }
    let mut rig = resumed();
    rig.expect_request("GET", "/status");
    rig.fail(Connect);
    assert_eq!(rig.machine.assurance(), None);
    let mut rig = rechecking();
    answer(&mut rig, &said("walkaway", WHOLE));
    assert_eq!(rig.machine.assurance(), Some(&whole()), "the user is away, and has proven it");
}

#[test]
fn a_key_of_a_kind_that_repeats_the_secret_is_not_told() {
    let mut rig = rechecking();
    answer(&mut rig, &said("active", r#"{"key": "session test key"}"#));
    let WatchEvent::Unreachable(error) = rig.event() else { panic!("it is told") };
    assert!(!format!("{error:?}").contains("session test key"));
}
