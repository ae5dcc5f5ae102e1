//! How a login starts, and what it does where it does not.

use std::sync::Arc;
use std::time::Duration;

use super::given::{Given, TRANSPORT_ERRORS, problem};
use crate::machine::test_rig::{Rig, STARTED, application, status_body, user};
use crate::machine::{Denial, Login, LoginEvent, LoginOptions, LoginOutcome, WaitReason};
use crate::port::TransportErrorKind::Connect;
use crate::wire::{AuthenticationMethod, Reason};
use crate::{Error, RefusedUrl, UnixSeconds};

pub(super) fn login_with(options: LoginOptions) -> Rig<Login> {
    Rig::new(Login::new(Arc::new(application()), &user("u"), options).unwrap())
}

pub(super) fn login() -> Rig<Login> {
    login_with(LoginOptions::default())
}

/// A login whose session has just been started.
pub(super) fn started() -> Rig<Login> {
    let mut rig = login();
    rig.expect_request("POST", "/authentication/authenticate_user/APP/u");
    rig.answer(202, STARTED);
    assert!(matches!(rig.event(), LoginEvent::Started(_)));
    rig
}

/// A login that has asked for its session's state and awaits the answer.
pub(super) fn polled() -> Rig<Login> {
    let mut rig = started();
    rig.expect_wait(WaitReason::NextPoll);
    rig.expect_request("GET", "/status");
    rig
}

pub(super) fn expect_end(rig: &mut Rig<Login>) -> Result<LoginOutcome, Error> {
    let end = match rig.event() {
        LoginEvent::Finished(end) => end,
        other => panic!("expected the end, got {other:?}"),
    };
    rig.expect_finished();
    end
}

pub(super) fn expect_denial(rig: &mut Rig<Login>, why: &Denial) {
    match expect_end(rig) {
        Ok(LoginOutcome::Denied(denial)) => assert_eq!(denial, *why),
        other => panic!("expected a denial, got {other:?}"),
    }
}

#[test]
fn methods_and_duration_are_asked_for() {
    let options = LoginOptions::default()
        .methods([AuthenticationMethod::Acceptance, AuthenticationMethod::Facial])
        .duration(Duration::from_secs(90));
    let request = login_with(options).expect_any_request();
    assert_eq!(request.uri().query(), Some("methods=acceptance,facial&duration_seconds=90"));
}

/// Without a duration of its own, an application has that of its settings at the service.
#[test]
fn a_session_lasts_as_long_as_the_service_says_and_no_longer_than_was_asked_for() {
    for (asked, said, lasts) in [
        (None, "", 3600),
        (None, r#""duration_seconds": 600,"#, 600),
        (None, r#""duration_seconds": 36000,"#, 36_000),
        (None, r#""duration_seconds": "600","#, 3600),
        (Some(90), "", 90),
        (Some(90), r#""duration_seconds": 36000,"#, 90),
        (Some(900), r#""duration_seconds": 600,"#, 600),
        (Some(900), r#""duration_seconds": 0,"#, 0),
    ] {
        let duration = asked.map(Duration::from_secs);
        let options = LoginOptions { duration, ..LoginOptions::default() };
        let mut rig = login_with(options);
        let query = rig.expect_any_request().uri().query().map(str::to_owned);
        assert_eq!(query, asked.map(|asked| format!("duration_seconds={asked}")));
        let answer = STARTED.replacen(r#""authenticated""#, &format!(r#"{said} "authenticated""#), 1);
        rig.answer(202, &answer);
        let LoginEvent::Started(started) = rig.event() else { panic!("not started") };
        let lasts = Duration::from_secs(lasts);
        assert_eq!(started.ends_by, started.decided_by.plus(lasts), "{asked:?} {said}");
        rig.expect_wait(WaitReason::NextPoll);
        rig.expect_request("GET", "/status");
        let sent_at = rig.now.mono;
        rig.answer(200, &status_body("active"));
        let LoginOutcome::Granted(granted) = expect_end(&mut rig).unwrap() else { panic!("not granted") };
        assert_eq!(granted.expires, sent_at + lasts, "{asked:?} {said}");
    }
}

#[test]
fn a_known_browser_is_told_of_and_an_unknown_one_is_not() {
    let body = |options| login_with(options).expect_any_request().body().clone();
    assert_eq!(body(LoginOptions::default()), b"{}");
    assert_eq!(body(LoginOptions::default().known_browser(false)), b"{}");
    assert_eq!(body(LoginOptions::default().known_browser(true)), br#"{"known_browser":true}"#);
}

#[test]
fn a_started_session_is_told_with_its_times() {
    let mut rig = login_with(LoginOptions::default().duration(Duration::from_secs(1000)));
    rig.expect_any_request();
    rig.pass(Duration::from_secs(2));
    let now = rig.now.wall;
    rig.answer(202, STARTED);
    let LoginEvent::Started(started) = rig.event() else { panic!("not started") };
    assert_eq!(started.session.token().as_str(), "SESSION");
    // 58 s are left for the user, and then the last answer and a logout may take their time.
    assert!(started.decided_by >= now.plus(Duration::from_secs(58)));
    assert!(started.decided_by <= now.plus(Duration::from_secs(58 + 60)));
    assert_eq!(started.ends_by, started.decided_by.plus(Duration::from_secs(1000)));
}

#[test]
fn a_session_that_was_not_started_is_denied_with_the_reason() {
    for reason in [Reason::NoMobileDevice, Reason::Unknown("QUOTA".into())] {
        let mut rig = login();
        rig.expect_any_request();
        let body = format!(
            r#"{{"authentication_status": {{"authenticated": false, "reason": "{reason}", "session_token": null}}}}"#
        );
        rig.answer(200, &body);
        expect_denial(&mut rig, &Denial::NotStarted(reason));
    }
}

#[test]
fn a_start_that_may_have_happened_is_not_repeated() {
    let mut ambiguous: Vec<_> =
        [408, 500, 502, 504].map(|status| Given::Answer(status, String::new())).into();
    ambiguous.extend(TRANSPORT_ERRORS.into_iter().filter(|kind| *kind != Connect).map(Given::Failure));
    ambiguous.extend(["", "{}", "[]", "<html>"].map(|body| Given::Answer(202, body.to_owned())));
    ambiguous.push(Given::Lost);
    // A 408 is a client error: the service says itself that it did nothing.
    ambiguous.remove(0);
    for given in ambiguous {
        let mut rig = login();
        rig.expect_any_request();
        given.to(&mut rig);
        assert!(expect_end(&mut rig).is_err(), "{given:?}");
    }
}

#[test]
fn a_start_that_surely_did_not_happen_is_repeated() {
    for given in [
        Given::Failure(Connect),
        Given::Answer(429, String::new()),
        Given::Answer(503, problem("UNAVAILABLE")),
        Given::Answer(403, problem("NONCE_REPLAYED")),
    ] {
        let mut rig = login();
        let first = rig.expect_any_request();
        given.to(&mut rig);
        rig.expect_wait(WaitReason::Retry);
        let second = rig.expect_any_request();
        assert_ne!(first.headers()["authentication"], second.headers()["authentication"], "{given:?}");
    }
}

/// A proxy says so too, after the service had begun: a second question would make the first one's session an orphan.
#[test]
fn a_start_is_not_repeated_after_a_bare_503() {
    let mut rig = login();
    rig.expect_any_request();
    rig.answer(503, "upstream reset");
    assert!(matches!(expect_end(&mut rig), Err(Error::Status { status: 503, .. })));
}

#[test]
fn a_start_is_repeated_a_bounded_number_of_times() {
    let mut rig = login();
    for attempt in 0..4 {
        rig.expect_any_request();
        rig.fail(Connect);
        if attempt < 3 {
            rig.expect_wait(WaitReason::Retry);
        }
    }
    assert!(matches!(expect_end(&mut rig), Err(Error::Transport(_))));
}

#[test]
fn a_refused_start_is_an_error_and_no_denial() {
    for (status, reason) in [(404, "UNKNOWN_USER"), (401, "BAD_SIGNATURE"), (422, "INVALID_BODY")] {
        let mut rig = login();
        rig.expect_any_request();
        rig.answer(status, &problem(reason));
        match expect_end(&mut rig) {
            Err(error) => assert_eq!(error.reason(), Some(&Reason::from(reason))),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_session_elsewhere_is_not_called() {
    for (ours, elsewhere) in [
        ("https://login.example/status", "https://evil.example/status"),
        ("https://login.example/logout", "http://login.example/logout"),
        ("https://login.example/status", "https://login.example/status?next=https://login.example"),
    ] {
        let mut rig = login();
        rig.expect_any_request();
        rig.answer(202, &STARTED.replace(ours, elsewhere));
        let end = expect_end(&mut rig);
        assert!(matches!(end, Err(Error::RefusedUrl { .. })), "{elsewhere}: {end:?}");
    }
    assert_eq!(application().server().check("https://evil.example/"), Err(RefusedUrl::OtherOrigin));
}

#[test]
fn a_start_without_a_whole_session_is_malformed() {
    for (whole, part) in [
        ("session test key", ""),
        ("SESSION\"", "two words\""),
        ("\"session_secret\"", "\"session_sacred\""),
        ("\"logout_url\"", "\"login_url\""),
    ] {
        let mut rig = login();
        rig.expect_any_request();
        rig.answer(202, &STARTED.replace(whole, part));
        let end = expect_end(&mut rig);
        assert!(matches!(end, Err(Error::Malformed { .. })), "{whole}: {end:?}");
    }
}

#[test]
fn the_wait_for_another_attempt_ends_at_the_deadline() {
    let mut rig = login_with(LoginOptions::default().deadline(Duration::from_secs(5)));
    rig.expect_any_request();
    rig.answer_with(503, &problem("UNAVAILABLE"), &[("retry-after", "20")]);
    assert_eq!(rig.expect_wait(WaitReason::Retry), Duration::from_secs(5));
    expect_denial(&mut rig, &Denial::NoAnswer);
}

#[test]
fn a_duration_that_cannot_be_sent_is_refused() {
    for duration in [Duration::ZERO, Duration::from_millis(999)] {
        let options = LoginOptions::default().duration(duration);
        assert!(matches!(
            Login::new(Arc::new(application()), &user("u"), options),
            Err(Error::BadInput { .. })
        ));
    }
}

#[test]
fn what_the_session_outlives_is_told_as_seconds_of_the_wall_clock() {
    let mut rig = login();
    rig.expect_any_request();
    rig.answer(202, STARTED);
    let LoginEvent::Started(started) = rig.event() else { panic!("not started") };
    assert!(started.ends_by > UnixSeconds(rig.now.wall.0 + 3600));
}
