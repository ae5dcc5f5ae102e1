//! Sessions in use: what the phone does is what the application sees.

use std::time::Duration;

use iampass_core::client::LogoutReceipt;
use iampass_core::machine::{Access, LoginOptions, LoginOutcome, WatchEnd, WatchEvent, WatchOptions};
use iampass_core::wire::SessionStatus;
use iampass_testkit::ManualClock;

use crate::rig::{Rig, SOON, comes_to, event};

#[tokio::test]
async fn walking_away_and_coming_back() {
    let rig = Rig::start().await;
    let (user, phone) = rig.user_with_phone().await;
    let granted = rig.granted(&user, &phone).await;
    let mut watch = rig.watch(&granted);
    comes_to(&mut watch, Access::Granted).await;
    for _ in 0..2 {
        phone.walk_away().await.unwrap();
        event(&mut watch, |event| matches!(event, WatchEvent::Away)).await;
        comes_to(&mut watch, Access::Away).await;
        phone.come_back().await.unwrap();
        event(&mut watch, |event| matches!(event, WatchEvent::Present)).await;
        comes_to(&mut watch, Access::Granted).await;
    }
}

#[tokio::test]
async fn logging_out_on_the_phone_ends_it() {
    let rig = Rig::start().await;
    let (user, phone) = rig.user_with_phone().await;
    let granted = rig.granted(&user, &phone).await;
    let mut watch = rig.watch(&granted);
    phone.log_out().await.unwrap();
    let end = event(&mut watch, |event| matches!(event, WatchEvent::Ended(_))).await;
    assert!(matches!(end, WatchEvent::Ended(WatchEnd::Closed(SessionStatus::Closed))), "{end:?}");
    assert_eq!(watch.access(), Access::Ended);
    assert!(watch.next().await.unwrap().is_none());
    assert!(rig.client.sessions_of(&user, 9).await.unwrap().is_empty());
}

#[tokio::test]
async fn logging_out_in_the_application_ends_it_on_the_phone() {
    let rig = Rig::start().await;
    let (user, phone) = rig.user_with_phone().await;
    let granted = rig.granted(&user, &phone).await;
    assert_eq!(phone.active_sessions().await.unwrap().len(), 1);
    assert_eq!(rig.client.logout(&granted.session).await.unwrap(), LogoutReceipt::Confirmed);
    assert!(phone.active_sessions().await.unwrap().is_empty());
    let mut watch = rig.watch(&granted);
    event(&mut watch, |event| matches!(event, WatchEvent::Ended(_))).await;
}

#[tokio::test]
async fn a_session_expires_on_both_sides() {
    let clock = ManualClock::new();
    let rig = Rig::on(&clock).await;
    let (user, phone) = rig.user_with_phone().await;
    let options = LoginOptions::default().duration(Duration::from_secs(600));
    let login = rig.client.login(&user, options).unwrap();
    let playing = async {
        phone.accept_next(SOON).await.unwrap();
        // The client waits by the test's clock for its next question.
        for _ in 0..20 {
            tokio::time::sleep(Duration::from_millis(10)).await;
            clock.advance(Duration::from_millis(400));
        }
    };
    let (outcome, ()) = tokio::join!(login.outcome(), playing);
    let LoginOutcome::Granted(granted) = outcome.unwrap() else { panic!("not granted") };
    let mut watch = rig.client.watch(&granted, WatchOptions::default());
    rig.service.advance(Duration::from_secs(580)).await.unwrap();
    assert_eq!(watch.access(), Access::Unconfirmed);
    // It asks, and has nothing new to tell.
    let quiet = tokio::time::timeout(Duration::from_millis(500), watch.next()).await;
    assert!(quiet.is_err(), "{quiet:?}");
    assert_eq!(watch.access(), Access::Granted);
    rig.service.advance(Duration::from_secs(21)).await.unwrap();
    assert_eq!(watch.access(), Access::Ended, "the client knows without asking");
    event(&mut watch, |event| matches!(event, WatchEvent::Ended(_))).await;
    assert_eq!(rig.client.status(&granted.session).await.unwrap(), SessionStatus::Closed);
}
