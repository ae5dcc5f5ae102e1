//! The code that is shown where a login was begun.

use super::login_start::{expect_denial, login_with};
use crate::UnixSeconds;
use crate::machine::test_rig::STARTED;
use crate::machine::{Denial, LoginEvent, LoginOptions};
use crate::wire::{Confirmation, Reason};

const CODE: &str = r#"{"code": "482913", "scan_url": "https://login.example/phone#scan=AAAAAAAAAAAAAAAAAAAAAA", "expires_at": 1700000060}"#;

fn shown() -> LoginOptions {
    LoginOptions::default().shows_code(true)
}

fn started_with(code: &str) -> String {
    STARTED.replacen(r#""reason": null,"#, &format!(r#""reason": null, "confirmation": {code},"#), 1)
}

/// The code that a login tells whose service answers so.
fn told(options: LoginOptions, answer: &str) -> Option<Confirmation> {
    let mut rig = login_with(options);
    rig.expect_any_request();
    rig.answer(202, answer);
    match rig.event() {
        LoginEvent::Started(started) => started.confirmation,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_service_is_told_what_is_shown_and_where() {
    let body = |options| {
        let body = login_with(options).expect_any_request().body().clone();
        String::from_utf8(body).unwrap()
    };
    assert_eq!(body(shown()), r#"{"confirm":["code"]}"#);
    let whole = shown().browser("Firefox on Windows").address("203.0.113.5".parse().ok());
    assert_eq!(
        body(whole.clone()),
        r#"{"confirm":["code"],"browser":"Firefox on Windows","address":"203.0.113.5"}"#
    );
    assert_eq!(body(whole.shows_code(false).browser("").address(None)), "{}");
    let longest = LoginOptions::default().browser(&format!("a\n\u{7}b{}", "é".repeat(200)));
    assert_eq!(longest.browser.map(|browser| browser.chars().count()), Some(100));
    // The service takes no name with characters that cannot be seen: the phone shows it.
    let unseen = LoginOptions::default().browser("\u{202e}Fire\u{200b}fox\u{3164}\u{2028}");
    assert_eq!(body(unseen), r#"{"browser":"Firefox"}"#);
    let mapped = LoginOptions::default().address("::ffff:192.0.2.7".parse().ok());
    assert_eq!(body(mapped), r#"{"address":"192.0.2.7"}"#);
}

#[test]
fn a_code_is_told_where_it_is_shown_and_nowhere_else() {
    let code = told(shown(), &started_with(CODE)).unwrap();
    assert_eq!((code.code.expose(), code.expires_at), ("482913", UnixSeconds(1_700_000_060)));
    assert!(code.scan_url.expose().ends_with("AAAA"));
    assert!(told(shown(), STARTED).is_none(), "the live service makes none");
    assert!(told(LoginOptions::default(), &started_with(CODE)).is_none(), "nobody asked for it");
}

#[test]
fn a_code_that_no_page_can_show_is_none() {
    for (good, bad) in [
        ("482913", "48291"),
        ("482913", "12345678901"),
        ("482913", "<b>913"),
        ("482913", "４８２９１３"),
        ("https://login.example/phone", "javascript:alert(1)//"),
        ("https://login.example/phone", "/phone"),
        ("AAAAAAAAAAAAAAAAAAAAAA", "application test key"),
        ("AAAAAAAAAAAAAAAAAAAAAA", &"A".repeat(500)),
    ] {
        assert!(told(shown(), &started_with(&CODE.replace(good, bad))).is_none(), "{bad}");
    }
}

#[test]
fn a_code_of_nobody_is_told_before_the_denial() {
    let answer = |code: &str| {
        format!(
            r#"{{"authentication_status": {{"authenticated": false, "reason": "UNKNOWN_USER", "confirmation": {code}}}}}"#
        )
    };
    let denial = Denial::NotStarted(Reason::UnknownUser);
    let mut rig = login_with(shown());
    rig.expect_any_request();
    rig.answer(200, &answer(CODE));
    let LoginEvent::Decoy(code) = rig.event() else { panic!("no decoy") };
    assert_eq!(code.code.expose(), "482913");
    expect_denial(&mut rig, &denial);
    for (options, code) in [(shown(), "null"), (LoginOptions::default(), CODE)] {
        let mut rig = login_with(options);
        rig.expect_any_request();
        rig.answer(200, &answer(code));
        expect_denial(&mut rig, &denial);
    }
}

/// A login that was cancelled while it began shows nothing.
#[test]
fn a_cancelled_login_tells_no_code_of_nobody() {
    let mut rig = login_with(shown());
    rig.expect_any_request();
    rig.cancel();
    let answer = format!(
        r#"{{"authentication_status": {{"authenticated": false, "reason": "UNKNOWN_USER", "confirmation": {CODE}}}}}"#
    );
    rig.answer(200, &answer);
    assert!(matches!(rig.event(), LoginEvent::Finished(_)));
}

#[test]
fn a_code_is_in_no_debug_output() {
    let mut rig = login_with(shown());
    rig.expect_any_request();
    rig.answer(202, &started_with(CODE));
    let machine = format!("{:?}", rig.machine);
    let event = format!("{:?}", rig.event());
    assert!(![machine, event].iter().any(|text| text.contains("482913") || text.contains("scan=")));
}
