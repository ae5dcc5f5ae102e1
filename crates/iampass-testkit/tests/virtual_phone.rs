//! The application sees each action of a virtual phone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::time::Duration;

use iampass_core::client::{Authentication, Client};
use iampass_core::machine::{Denial, LoginOptions, LoginOutcome};
use iampass_core::wire::{AuthenticationMethod, Reason, SessionStatus};
use iampass_core::{Session, UserToken};
use iampass_testkit::{ManualClock, TestService, TestkitError, UnverifiedMethods, VirtualPhone};

const SOON: Duration = Duration::from_secs(5);

fn user(id: &str) -> UserToken {
    UserToken::new(id).unwrap()
}

async fn registered(service: &TestService) -> (Client, VirtualPhone) {
    let client = service.client().unwrap();
    client.add_user(&user("u")).await.unwrap();
    let link = client.registration_link(&user("u"), Some("Ann")).await.unwrap();
    let phone = service.register_phone(&link).await.unwrap();
    (client, phone)
}

async fn ask(client: &Client, methods: &[AuthenticationMethod]) -> Session {
    let options = LoginOptions::default().methods(methods.iter().cloned());
    match client.authenticate(&user("u"), &options).await.unwrap() {
        Authentication::Started { session, .. } => session,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn accepting_with_each_method_makes_the_session_active() {
    use AuthenticationMethod::{Acceptance, Device, Facial};
    let service =
        TestService::builder().unverified_methods(UnverifiedMethods::Simulated).start().await.unwrap();
    let (client, phone) = registered(&service).await;
    assert_eq!(phone.display_name(), Some("Ann"));
    for methods in [&[][..], &[Acceptance], &[Device], &[Facial], &[Acceptance, Device, Facial]] {
        let session = ask(&client, methods).await;
        assert_eq!(client.status(&session).await.unwrap(), SessionStatus::Pending);
        let asked = phone.accept_next(SOON).await.unwrap();
        assert_eq!(asked.application_name, "Test application");
        assert_eq!(client.status(&session).await.unwrap(), SessionStatus::Active);
        assert!(phone.pending().await.unwrap().is_empty());
    }
    service.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_method_that_cannot_be_verified_is_refused_unless_it_is_simulated() {
    use AuthenticationMethod::{Acceptance, Device, Facial};
    let service = TestService::start().await.unwrap();
    let (client, phone) = registered(&service).await;
    for methods in [&[Device][..], &[Facial], &[Acceptance, Device]] {
        let options = LoginOptions::default().methods(methods.iter().cloned());
        let refused = client.authenticate(&user("u"), &options).await.unwrap();
        assert!(
            matches!(refused, Authentication::NotStarted { reason: Reason::MethodNotAvailable, .. }),
            "{methods:?}: {refused:?}"
        );
    }
    assert!(phone.pending().await.unwrap().is_empty());
    service.shutdown().await.unwrap();
}

#[tokio::test]
async fn two_denials_pause_starts_but_not_those_of_known_browsers() {
    let clock = ManualClock::new();
    let service = TestService::builder().clock(&clock).start().await.unwrap();
    let (client, phone) = registered(&service).await;
    for _ in 0..2 {
        ask(&client, &[]).await;
        phone.deny_next(SOON).await.unwrap();
    }
    let options = LoginOptions::default();
    let paused = client.authenticate(&user("u"), &options).await.unwrap();
    assert!(
        matches!(paused, Authentication::NotStarted { reason: Reason::TooManyDenials, .. }),
        "{paused:?}"
    );
    // The machine says the same.
    match client.login(&user("u"), options).unwrap().outcome().await.unwrap() {
        LoginOutcome::Denied(Denial::NotStarted(Reason::TooManyDenials)) => {}
        other => panic!("{other:?}"),
    }
    let known = LoginOptions::default().known_browser(true);
    let started = client.authenticate(&user("u"), &known).await.unwrap();
    assert!(matches!(started, Authentication::Started { .. }), "{started:?}");
    phone.accept_next(SOON).await.unwrap();
    service.advance(Duration::from_secs(30)).await.unwrap();
    ask(&client, &[]).await;
}

#[tokio::test]
async fn showing_and_denying_are_seen() {
    let service = TestService::start().await.unwrap();
    let (client, phone) = registered(&service).await;
    let session = ask(&client, &[]).await;
    let request = phone.next_request(SOON).await.unwrap().unwrap();
    phone.show(&request).await.unwrap();
    assert_eq!(client.status(&session).await.unwrap(), SessionStatus::Identifying);
    phone.deny(&request).await.unwrap();
    assert_eq!(client.status(&session).await.unwrap(), SessionStatus::Cancelled);
    let late = phone.accept(&request).await.unwrap_err();
    assert!(matches!(late, TestkitError::Refused { status: 409, .. }), "{late}");
    assert_eq!(client.status(&session).await.unwrap(), SessionStatus::Cancelled);
}

#[tokio::test]
async fn an_ignored_question_runs_out_and_does_not_come_again() {
    let clock = ManualClock::new();
    let service = TestService::builder().clock(&clock).start().await.unwrap();
    let (client, phone) = registered(&service).await;
    let session = ask(&client, &[]).await;
    let request = phone.next_request(SOON).await.unwrap().unwrap();
    phone.ignore(&request);
    assert!(phone.next_request(Duration::ZERO).await.unwrap().is_none());
    assert!(matches!(phone.accept_next(Duration::ZERO).await, Err(TestkitError::NothingAsked)));
    service.advance(Duration::from_secs(59)).await.unwrap();
    assert_eq!(client.status(&session).await.unwrap(), SessionStatus::Pending);
    service.advance(Duration::from_secs(1)).await.unwrap();
    assert_eq!(client.status(&session).await.unwrap(), SessionStatus::Timeout);
}

#[tokio::test]
async fn a_waiting_phone_hears_of_a_question_at_once() {
    let service = TestService::start().await.unwrap();
    let (client, phone) = registered(&service).await;
    let waiting = tokio::spawn(async move { phone.next_request(Duration::from_secs(30)).await });
    tokio::task::yield_now().await;
    let asked = std::time::Instant::now();
    let _session = ask(&client, &[]).await;
    assert!(waiting.await.unwrap().unwrap().is_some());
    // A phone that is not told hears of it at the end of its wait of 30 s.
    assert!(asked.elapsed() < Duration::from_secs(15), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn walking_away_coming_back_and_logging_out_are_seen() {
    let service = TestService::start().await.unwrap();
    let (client, phone) = registered(&service).await;
    let session = ask(&client, &[]).await;
    assert_eq!(phone.walk_away().await.unwrap(), 0);
    phone.accept_next(SOON).await.unwrap();
    assert_eq!(phone.active_sessions().await.unwrap().len(), 1);
    assert_eq!(phone.come_back().await.unwrap(), 0);
    assert_eq!(phone.walk_away().await.unwrap(), 1);
    assert_eq!(client.status(&session).await.unwrap(), SessionStatus::Walkaway);
    assert_eq!(phone.come_back().await.unwrap(), 1);
    assert_eq!(client.status(&session).await.unwrap(), SessionStatus::Active);
    assert_eq!(phone.log_out().await.unwrap(), 1);
    assert_eq!(client.status(&session).await.unwrap(), SessionStatus::Closed);
    assert!(phone.active_sessions().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_promise_that_is_not_kept_is_a_walkaway() {
    let clock = ManualClock::new();
    let service = TestService::builder().clock(&clock).walkaway().start().await.unwrap();
    let (client, phone) = registered(&service).await;
    let session = ask(&client, &[]).await;
    phone.accept_next(SOON).await.unwrap();
    let said = phone.say_near(Duration::from_secs(90)).await.unwrap().unwrap();
    assert_eq!(said.sessions, 1);
    assert_eq!(phone.active_sessions().await.unwrap()[0].near_until, said.near_until);
    service.advance(Duration::from_secs(90)).await.unwrap();
    assert_eq!(client.status(&session).await.unwrap(), SessionStatus::Walkaway);
    phone.say_near(Duration::from_secs(90)).await.unwrap().unwrap();
    assert_eq!(client.status(&session).await.unwrap(), SessionStatus::Active);
    phone.say_away().await.unwrap().unwrap();
    assert_eq!(client.status(&session).await.unwrap(), SessionStatus::Walkaway);
    let back = phone.say_near(Duration::from_secs(90)).await.unwrap().unwrap();
    assert_eq!(
        (back.sessions, back.overtaken),
        (1, 0),
        "the same phone says it later, in the same second too"
    );
    assert_eq!(client.status(&session).await.unwrap(), SessionStatus::Active);
    let too_long = phone.say_near(Duration::from_secs(3_601)).await.unwrap_err();
    let is_refused = matches!(too_long, TestkitError::Refused { reason: Some(Reason::InvalidParameter), .. });
    assert!(is_refused, "{too_long}");
}

#[tokio::test]
async fn an_application_that_does_not_want_to_know_it_is_told_nothing() {
    let service = TestService::start().await.unwrap();
    let (_, phone) = registered(&service).await;
    assert!(phone.say_near(Duration::from_secs(90)).await.unwrap().is_none());
    assert!(phone.say_away().await.unwrap().is_none());
}

#[tokio::test]
async fn losing_tells_nobody_and_unregistering_does() {
    let service = TestService::start().await.unwrap();
    let (client, phone) = registered(&service).await;
    phone.lose();
    assert!(client.has_registered_device(&user("u")).await.unwrap());
    let link = client.lost_device(&user("u")).await.unwrap();
    assert!(!client.has_registered_device(&user("u")).await.unwrap());
    let phone = service.register_phone(&link).await.unwrap();
    let used = service.register_phone(&link).await.unwrap_err();
    assert!(matches!(used, TestkitError::Refused { reason: Some(Reason::LinkNotValid), .. }), "{used}");
    assert!(phone.configure("*new").await.unwrap().status);
    phone.unregister().await.unwrap();
    assert!(!client.has_registered_device(&user("u")).await.unwrap());
    assert!(matches!(phone.pending().await, Err(TestkitError::Refused { status: 401, .. })));
}

#[tokio::test]
async fn one_phone_can_stand_for_several_and_be_stored() {
    let service = TestService::start().await.unwrap();
    let client = service.client().unwrap();
    client.add_users(&[user("a"), user("b")]).await.unwrap();
    let mut phone = service.phone();
    for id in ["a", "b", "a"] {
        let link = client.registration_link(&user(id), None).await.unwrap();
        assert_eq!(phone.register(&link).await.unwrap(), user(id));
    }
    assert_eq!(phone.users().len(), 2);
    assert!(!format!("{phone:?}").contains(phone.users()[0].record().device.device_secret.expose()));

    let mut restored = service.phone();
    restored.restore(&phone.to_json_with_secrets()).unwrap();
    for id in ["a", "b"] {
        assert!(restored.user(&user(id)).unwrap().pending().await.unwrap().is_empty());
    }
    assert!(restored.lose(&user("a")) && !restored.lose(&user("a")));
    assert!(restored.user(&user("a")).is_none());
    assert!(matches!(restored.restore("[{}]"), Err(TestkitError::BadState { .. })));
}

#[tokio::test]
async fn a_stopped_service_is_gone_and_comes_back_with_its_data() {
    let mut service = TestService::start().await.unwrap();
    let (client, phone) = registered(&service).await;
    service.stop().await.unwrap();
    assert!(matches!(phone.pending().await, Err(error) if error.is_retryable()));
    service.start_again().await.unwrap();
    assert!(client.has_registered_device(&user("u")).await.unwrap());
    assert!(phone.pending().await.unwrap().is_empty());
}
