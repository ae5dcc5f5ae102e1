//! The service goes away and comes back: nothing acknowledged is lost, and nobody is let in meanwhile.

use std::time::Duration;

use iampass_core::client::{Authentication, LogoutReceipt};
use iampass_core::machine::{Access, LoginEvent, LoginOptions, LoginOutcome, WatchEvent};
use iampass_core::port::ClaimOutcome;
use iampass_core::wire::SessionStatus;

use crate::rig::{Rig, SOON, comes_to, event};

#[tokio::test]
async fn a_restart_during_a_login_is_survived() {
    let mut rig = Rig::start().await;
    let (user, phone) = rig.user_with_phone().await;
    let mut login = rig.login(&user);
    assert!(matches!(login.next().await, Some(LoginEvent::Started(_))));
    rig.service.stop().await.unwrap();
    assert!(matches!(login.next().await, Some(LoginEvent::Trouble(_))));
    rig.service.start_again().await.unwrap();
    let (outcome, accepted) = tokio::join!(login.outcome(), phone.accept_next(SOON));
    accepted.unwrap();
    assert!(matches!(outcome.unwrap(), LoginOutcome::Granted(_)));
}

#[tokio::test]
async fn a_service_that_stays_away_lets_nobody_in_and_is_owed_a_logout() {
    let mut rig = Rig::start().await;
    let (user, phone) = rig.user_with_phone().await;
    let options = LoginOptions::default().deadline(Duration::from_secs(2));
    let mut login = rig.client.login(&user, options).unwrap();
    let Some(LoginEvent::Started(started)) = login.next().await else { panic!("not started") };
    phone.accept_next(SOON).await.unwrap();
    rig.service.stop().await.unwrap();
    match login.outcome().await {
        Err(_) | Ok(LoginOutcome::Denied(_)) => {}
        Ok(other) => panic!("{other:?}"),
    }
    rig.service.start_again().await.unwrap();
    assert_eq!(rig.client.status(&started.session).await.unwrap(), SessionStatus::Active);
    assert_eq!(rig.client.deliver_logouts(9).await.unwrap().confirmed, 1);
    assert_eq!(rig.client.status(&started.session).await.unwrap(), SessionStatus::Closed);
}

#[tokio::test]
async fn a_session_in_use_is_unconfirmed_while_the_service_is_away() {
    let mut rig = Rig::start().await;
    let (user, phone) = rig.user_with_phone().await;
    let granted = rig.granted(&user, &phone).await;
    let mut watch = rig.watch(&granted);
    rig.service.stop().await.unwrap();
    event(&mut watch, |event| matches!(event, WatchEvent::Unreachable(_))).await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(watch.access(), Access::Unconfirmed);
    rig.service.start_again().await.unwrap();
    event(&mut watch, |event| matches!(event, WatchEvent::Present)).await;
    comes_to(&mut watch, Access::Granted).await;
    // The phone's logout still reaches the application.
    phone.log_out().await.unwrap();
    event(&mut watch, |event| matches!(event, WatchEvent::Ended(_))).await;
}

#[tokio::test]
async fn a_logout_during_an_outage_is_delivered_after_it() {
    let mut rig = Rig::start().await;
    let (user, phone) = rig.user_with_phone().await;
    let granted = rig.granted(&user, &phone).await;
    rig.service.stop().await.unwrap();
    assert_eq!(rig.client.logout(&granted.session).await.unwrap(), LogoutReceipt::Queued);
    rig.service.start_again().await.unwrap();
    assert_eq!(rig.client.status(&granted.session).await.unwrap(), SessionStatus::Active);
    assert_eq!(rig.client.deliver_logouts(9).await.unwrap().confirmed, 1);
    assert_eq!(rig.client.status(&granted.session).await.unwrap(), SessionStatus::Closed);
    assert_eq!(rig.client.deliver_logouts(9).await.unwrap().confirmed, 0);
}

/// The login is complete on one node, which is slow to take the session up; on another one somebody logs it out.
#[tokio::test]
async fn a_session_whose_logout_is_queued_is_not_taken_into_use_by_anybody() {
    let mut rig = Rig::start().await;
    let (user, phone) = rig.user_with_phone().await;
    let options = LoginOptions::default();
    let Authentication::Started { session, .. } = rig.client.authenticate(&user, &options).await.unwrap()
    else {
        panic!("not started")
    };
    phone.accept_next(SOON).await.unwrap();
    rig.service.stop().await.unwrap();
    assert_eq!(rig.client.logout(&session).await.unwrap(), LogoutReceipt::Queued);
    for _ in 0..2 {
        assert_eq!(rig.client.claim_session(&session).await.unwrap(), ClaimOutcome::Rejected);
    }
    assert!(rig.client.sessions_of(&user, 9).await.unwrap().is_empty());
    rig.service.start_again().await.unwrap();
    assert_eq!(rig.client.deliver_logouts(9).await.unwrap().confirmed, 1);
    assert_eq!(rig.client.status(&session).await.unwrap(), SessionStatus::Closed);
}

#[tokio::test]
async fn a_session_is_watched_again_after_the_application_was_restarted() {
    use iampass_core::machine::WatchOptions;
    let rig = Rig::start().await;
    let (user, phone) = rig.user_with_phone().await;
    rig.granted(&user, &phone).await;
    let record = rig.client.sessions_of(&user, 1).await.unwrap().remove(0);
    let mut watch = rig.client.resume_watch(&record, WatchOptions::default().freshness(Duration::ZERO));
    assert_eq!(watch.access(), Access::Unconfirmed, "what is stored is only what was");
    event(&mut watch, |event| matches!(event, WatchEvent::Present)).await;
    comes_to(&mut watch, Access::Granted).await;
}
