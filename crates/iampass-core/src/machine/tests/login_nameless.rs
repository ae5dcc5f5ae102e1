//! Logins without a name: their user is the one that the service names with `active`, and nobody gets in without.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::given::{Given, UNKNOWN_WORDS, lasting_refusals, passing_troubles};
use super::login_start::{expect_denial, expect_end, login_with};
use crate::machine::test_rig::{Rig, STARTED, application, session, status_body};
use crate::machine::{Denial, Login, LoginEvent, LoginOptions, LoginOutcome, Output, WaitReason};
use crate::wire::AuthenticationMethod;
use crate::{Error, Monotonic};

const QR: &str = r#"{"url": "https://login.example/phone#scan=", "token": "t0-_", "secret": "moving"}"#;

fn nameless_with(options: LoginOptions) -> Rig<Login> {
    Rig::new(Login::nameless(Arc::new(application()), options).unwrap())
}

fn started_with(qr: &str) -> String {
    STARTED.replacen(r#""reason": null,"#, &format!(r#""reason": null, "qr": {qr},"#), 1)
}

fn active_for(user: &str) -> String {
    serde_json::json!({"authentication_status": {"authenticated": true, "session_status": "active", "user_id": user}})
        .to_string()
}

/// One that has asked for its session's state and awaits the answer.
fn polled() -> Rig<Login> {
    let mut rig = nameless_with(LoginOptions::default());
    rig.expect_request("POST", "/authentication/start/APP");
    rig.answer(202, &started_with(QR));
    assert!(matches!(rig.event(), LoginEvent::Started(started) if started.qr.is_some()));
    rig.expect_wait(WaitReason::NextPoll);
    rig.expect_request("GET", "/status");
    rig
}

/// Polls until it is over, answering nothing, and says whether it was ever granted.
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

#[test]
fn nothing_but_the_browser_is_told() {
    let options = LoginOptions::default()
        .methods([AuthenticationMethod::Acceptance])
        .duration(Duration::from_secs(90))
        .known_browser(true)
        .shows_code(true)
        .browser("Firefox on Windows");
    let request = nameless_with(options).expect_any_request();
    assert_eq!(
        request.uri().path_and_query().unwrap(),
        "/authentication/start/APP?methods=acceptance&duration_seconds=90"
    );
    assert_eq!(request.body(), br#"{"browser":"Firefox on Windows"}"#);
}

#[test]
fn its_user_is_the_one_that_is_named() {
    let mut rig = polled();
    rig.answer(200, &active_for("ann"));
    let Ok(LoginOutcome::Granted(granted)) = expect_end(&mut rig) else { panic!("not granted") };
    assert_eq!(granted.user.unwrap().as_str(), "ann");
}

#[test]
fn an_active_session_of_nobody_is_ended() {
    for body in [status_body("active"), active_for("ann").replace("ann", "")] {
        let mut rig = polled();
        rig.answer(200, &body);
        assert!(!is_ever_granted(&mut rig), "{body}");
    }
    let mut rig = polled();
    rig.answer(200, &status_body("active"));
    rig.expect_request("POST", "/logout");
    rig.answer(200, r#"{"status": true}"#);
    assert!(matches!(expect_end(&mut rig), Err(Error::Malformed { call: "status", .. })));
}

#[test]
fn no_other_answer_lets_anybody_in() {
    let words = ["pending", "identifying", "walkaway", "timeout", "failed", "cancelled", "closed"];
    let words = words.into_iter().chain(UNKNOWN_WORDS).map(Given::word);
    for given in words.chain(passing_troubles()).chain(lasting_refusals()) {
        let mut rig = polled();
        given.to(&mut rig);
        assert!(!is_ever_granted(&mut rig), "{given:?}");
    }
    // A name for a session that is not active is no login either.
    for word in ["pending", "identifying", "closed"] {
        let mut rig = polled();
        rig.answer(200, &active_for("ann").replace("active", word));
        assert!(!is_ever_granted(&mut rig), "{word}");
    }
}

#[test]
fn one_that_no_page_can_show_is_ended() {
    for (good, bad) in [
        ("https://login.example/phone#scan=", "javascript:alert(1)#scan="),
        ("https://login.example/phone#scan=", "/phone#scan="),
        ("https://login.example/phone#scan=", "https://login.example/phone"),
        ("https://login.example/phone", &format!("https://login.example/{}", "p".repeat(300))),
        ("t0-_", "t.0"),
        ("t0-_", ""),
        ("t0-_", "application test key"),
        ("moving", ""),
    ] {
        let mut rig = nameless_with(LoginOptions::default());
        rig.expect_any_request();
        rig.answer(202, &started_with(&QR.replace(good, bad)));
        rig.expect_request("POST", "/logout");
        rig.answer(200, r#"{"status": true}"#);
        assert!(matches!(expect_end(&mut rig), Err(Error::Malformed { call: "start", .. })), "{bad}");
    }
    let mut rig = nameless_with(LoginOptions::default());
    rig.expect_any_request();
    rig.answer(202, STARTED);
    rig.expect_request("POST", "/logout");
}

#[test]
fn a_cancelled_one_is_ended() {
    let mut rig = nameless_with(LoginOptions::default());
    rig.expect_any_request();
    rig.cancel();
    rig.answer(202, &started_with(QR));
    let LoginEvent::Started(_) = rig.event() else { panic!("it has to be stored") };
    rig.expect_request("POST", "/logout");
    rig.answer(200, r#"{"status": true}"#);
    expect_denial(&mut rig, &Denial::Cancelled);
}

#[test]
fn one_that_was_begun_before_needs_a_user_too() {
    let begun = || {
        let options = LoginOptions::default();
        let mut rig =
            Rig::new(Login::begun_nameless(Arc::new(application()), &session(), options, Monotonic::ORIGIN));
        rig.expect_wait(WaitReason::NextPoll);
        rig.expect_request("GET", "/status");
        rig
    };
    let mut rig = begun();
    rig.answer(200, &active_for("ann"));
    assert!(matches!(expect_end(&mut rig), Ok(LoginOutcome::Granted(granted)) if granted.user.is_some()));
    let mut rig = begun();
    rig.answer(200, &status_body("active"));
    assert!(matches!(expect_end(&mut rig), Err(Error::Malformed { .. })));
}

#[test]
fn a_login_with_a_name_has_no_other_user_and_no_moving_code() {
    let mut rig = login_with(LoginOptions::default());
    rig.expect_any_request();
    rig.answer(202, &started_with(QR));
    assert!(matches!(rig.event(), LoginEvent::Started(started) if started.qr.is_none()));
    rig.expect_wait(WaitReason::NextPoll);
    rig.expect_request("GET", "/status");
    rig.answer(200, &active_for("ann"));
    assert!(matches!(expect_end(&mut rig), Ok(LoginOutcome::Granted(granted)) if granted.user.is_none()));
}

#[test]
fn the_moving_secret_is_in_no_debug_output() {
    let mut rig = nameless_with(LoginOptions::default());
    rig.expect_any_request();
    rig.answer(202, &started_with(QR));
    let (machine, event) = (format!("{:?}", rig.machine), format!("{:?}", rig.event()));
    assert!(![machine, event].iter().any(|text| text.contains("moving") || text.contains("t0-_")));
}

/// The service's answers to the polls of a login without a name: a word, and perhaps a user.
fn answers() -> impl Strategy<Value = Vec<(&'static str, Option<&'static str>)>> {
    let word = prop_oneof![
        Just("pending"),
        Just("identifying"),
        Just("active"),
        Just("walkaway"),
        Just("closed"),
        Just("no word")
    ];
    let user = prop_oneof![Just(None), Just(Some("ann")), Just(Some("bert"))];
    proptest::collection::vec((word, user), 1..6)
}

proptest! {
    /// It does not matter what is said before: the user is the one who is named by the very answer that says `active`, and nobody gets in by any other.
    #[test]
    fn the_answer_that_says_active_names_the_user(answers in answers()) {
        let mut rig = polled();
        let mut granted = None;
        for (word, user) in &answers {
            let mut status = serde_json::json!({"authenticated": *word == "active", "session_status": word});
            if let Some(user) = user {
                status["user_id"] = (*user).into();
            }
            rig.answer(200, &serde_json::json!({ "authentication_status": status }).to_string());
            let is_polling = loop {
                match rig.poll() {
                    Output::Event(LoginEvent::Finished(Ok(LoginOutcome::Granted(login)))) => {
                        granted = login.user.map(|user| user.to_string());
                        break false;
                    }
                    Output::Event(LoginEvent::Finished(_)) | Output::Finished => break false,
                    Output::Event(_) => {}
                    Output::Wait(pause) => rig.pass(pause.until.since(rig.now.mono)),
                    Output::Send(outgoing) if outgoing.request.uri().path() == "/status" => {
                        rig.expect_this(outgoing.id);
                        break true;
                    }
                    Output::Send(outgoing) => rig.answer_to(outgoing.id, 200, r#"{"status": true}"#),
                }
            };
            if !is_polling {
                break;
            }
        }
        let deciding = answers.iter().find(|(word, _)| matches!(*word, "active" | "closed"));
        let expected = deciding.filter(|(word, _)| *word == "active").and_then(|(_, user)| *user);
        prop_assert_eq!(granted.as_deref(), expected);
    }
}
