//! Logins: each way in which one can end.

use std::time::Duration;

use iampass_core::machine::{Denial, LoginEvent, LoginOptions, LoginOutcome};
use iampass_core::wire::{Reason, SessionStatus};
use iampass_testkit::{ManualClock, TestService};

use crate::rig::{Rig, SOON};

fn denial(outcome: Result<LoginOutcome, iampass_core::Error>) -> Denial {
    match outcome.unwrap() {
        LoginOutcome::Denied(denial) => denial,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn granted_with_its_progress_told() {
    let rig = Rig::start().await;
    let (user, phone) = rig.user_with_phone().await;
    let mut login = rig.login(&user);
    let playing = async {
        let request = phone.next_request(SOON).await.unwrap().unwrap();
        phone.show(&request).await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        phone.accept(&request).await.unwrap();
    };
    let following = async {
        let mut told = Vec::new();
        while let Some(event) = login.next().await {
            match event {
                LoginEvent::Started(_) => told.push("started".to_owned()),
                LoginEvent::Progress(status) => told.push(status.to_string()),
                LoginEvent::Finished(Ok(LoginOutcome::Granted(granted))) => return (told, granted),
                other => panic!("{other:?}"),
            }
        }
        panic!("it never ended");
    };
    let ((told, granted), ()) = tokio::join!(following, playing);
    assert_eq!(told.first().map(String::as_str), Some("started"));
    assert!(told.contains(&"identifying".to_owned()), "{told:?}");
    assert_eq!(rig.client.status(&granted.session).await.unwrap(), SessionStatus::Active);
    assert_eq!(rig.client.sessions_of(&user, 9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn declined() {
    let rig = Rig::start().await;
    let (user, phone) = rig.user_with_phone().await;
    let (outcome, denied) = tokio::join!(rig.login(&user).outcome(), phone.deny_next(SOON));
    denied.unwrap();
    assert!(matches!(denial(outcome), Denial::Declined));
    assert!(rig.client.sessions_of(&user, 9).await.unwrap().is_empty());
}

#[tokio::test]
async fn without_a_phone() {
    let rig = Rig::start().await;
    let user = rig.user("u").await;
    assert!(matches!(denial(rig.login(&user).outcome().await), Denial::NotStarted(Reason::NoMobileDevice)));
}

#[tokio::test]
async fn without_an_answer_by_the_services_limit() {
    let service = TestService::builder().answer_timeout(Duration::from_secs(1)).start().await.unwrap();
    let client = service.client().unwrap();
    let rig = Rig { service, client };
    let (user, phone) = rig.user_with_phone().await;
    assert!(matches!(denial(rig.login(&user).outcome().await), Denial::NoAnswer));
    assert!(phone.pending().await.unwrap().is_empty());
}

#[tokio::test]
async fn without_an_answer_by_the_clients_limit_leaves_no_orphan() {
    let rig = Rig::start().await;
    let (user, phone) = rig.user_with_phone().await;
    let options = LoginOptions::default().deadline(Duration::from_secs(1));
    let login = rig.client.login(&user, options).unwrap();
    let (outcome, request) = tokio::join!(login.outcome(), phone.next_request(SOON));
    assert!(matches!(denial(outcome), Denial::NoAnswer));
    // The session is ended at the service, so a late *Accept* opens nothing.
    let late = phone.accept(&request.unwrap().unwrap()).await.unwrap_err();
    assert!(matches!(late, iampass_testkit::TestkitError::Refused { .. }), "{late}");
    assert!(phone.active_sessions().await.unwrap().is_empty());
}

#[tokio::test]
async fn cancelled() {
    let rig = Rig::start().await;
    let (user, phone) = rig.user_with_phone().await;
    let login = rig.login(&user);
    let canceller = login.canceller();
    let cancelling = async {
        let request = phone.next_request(SOON).await.unwrap().unwrap();
        canceller.cancel();
        request
    };
    let (outcome, request) = tokio::join!(login.outcome(), cancelling);
    assert!(matches!(denial(outcome), Denial::Cancelled));
    assert!(phone.accept(&request).await.is_err());
}

#[tokio::test]
async fn abandoned_in_the_middle_leaves_no_orphan() {
    let clock = ManualClock::new();
    let rig = Rig::on(&clock).await;
    let (user, phone) = rig.user_with_phone().await;
    let mut login = rig.login(&user);
    let session = match login.next().await {
        Some(LoginEvent::Started(started)) => started.session,
        other => panic!("{other:?}"),
    };
    drop(login);
    // The phone accepts what nobody waits for any more. Until the login's deadline somebody could.
    phone.accept_next(SOON).await.unwrap();
    assert_eq!(rig.client.deliver_logouts(9).await.unwrap().confirmed, 0);
    rig.service.advance(Duration::from_secs(180)).await.unwrap();
    let delivery = rig.client.deliver_logouts(9).await.unwrap();
    assert_eq!((delivery.confirmed, delivery.left), (1, 0));
    assert_eq!(rig.client.status(&session).await.unwrap(), SessionStatus::Closed);
}
