//! Logins that somebody else has begun: awaited by several, ended by none of them.

use std::sync::Arc;
use std::time::Duration;

use super::login_start::{expect_denial, expect_end};
use crate::machine::test_rig::{Rig, application, session, status_body};
use crate::machine::{Denial, Login, LoginEvent, LoginOptions, LoginOutcome, Output, WaitReason};
use crate::{Error, Monotonic};

fn begun(deadline: Duration) -> Rig<Login> {
    let options = LoginOptions::default().deadline(deadline);
    let at = Rig::new(Login::begun(Arc::new(application()), &session(), options.clone(), Monotonic::ORIGIN))
        .now
        .mono;
    Rig::new(Login::begun(Arc::new(application()), &session(), options, at))
}

/// Polls until the login is over, answering nothing but `503` to polls, and gives the paths that were asked for.
fn asked_until_the_end(rig: &mut Rig<Login>) -> Vec<String> {
    let mut asked = Vec::new();
    loop {
        match rig.poll() {
            Output::Event(LoginEvent::Finished(_)) | Output::Finished => return asked,
            Output::Event(_) => {}
            Output::Send(outgoing) => {
                asked.push(outgoing.request.uri().path().to_owned());
                rig.answer_to(outgoing.id, 503, "");
            }
            Output::Wait(pause) => rig.pass(pause.until.since(rig.now.mono)),
        }
    }
}

#[test]
fn active_grants() {
    let mut rig = begun(Duration::from_secs(60));
    assert_eq!(rig.expect_wait(WaitReason::NextPoll), Duration::from_millis(300));
    rig.expect_request("GET", "/status");
    rig.answer(200, &status_body("active"));
    assert!(matches!(expect_end(&mut rig), Ok(LoginOutcome::Granted(_))));
}

#[test]
fn it_looks_once_even_if_it_is_late() {
    let mut rig = begun(Duration::ZERO);
    rig.expect_request("GET", "/status");
    rig.answer(200, &status_body("active"));
    assert!(matches!(expect_end(&mut rig), Ok(LoginOutcome::Granted(_))));

    let mut rig = begun(Duration::ZERO);
    rig.expect_request("GET", "/status");
    rig.answer(200, &status_body("pending"));
    expect_denial(&mut rig, &Denial::NoAnswer);
}

#[test]
fn it_ends_no_session_that_somebody_else_may_use() {
    let mut rig = begun(Duration::from_secs(5));
    let asked = asked_until_the_end(&mut rig);
    assert!(asked.len() > 1 && asked.iter().all(|path| path == "/status"), "{asked:?}");

    let mut rig = begun(Duration::from_secs(5));
    rig.expect_wait(WaitReason::NextPoll);
    rig.cancel();
    expect_denial(&mut rig, &Denial::Cancelled);

    let mut rig = begun(Duration::from_secs(5));
    rig.expect_wait(WaitReason::NextPoll);
    rig.expect_request("GET", "/status");
    rig.answer(403, "");
    assert!(matches!(expect_end(&mut rig), Err(Error::Status { status: 403, .. })));
}
