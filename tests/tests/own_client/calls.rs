//! The Management and Authentication APIs, call by call.

use iampass_core::client::{Authentication, LogoutReceipt};
use iampass_core::machine::LoginOptions;
use iampass_core::port::{ClaimOutcome, TransportErrorKind};
use iampass_core::wire::{AuthenticationMethod, Reason, RegistrationSms, SessionStatus};
use iampass_core::{Error, Session, UserToken};
use iampass_testkit::{TestService, UnverifiedMethods};
use std::time::Duration;

use crate::rig::{Rig, SOON};

/// Those of the judge. Our transport refuses `.` and `..`, which its URL parser would take away.
const ODD: [&str; 14] = [
    "a b/c@d+é?&=%",
    "...",
    "*~'()!",
    "a%2Fb",
    "+",
    " ",
    "日本語",
    "a:b:c",
    "a\\b",
    "#x",
    "x;y,z",
    "//",
    "%",
    "a://b",
];

fn token(id: &str) -> UserToken {
    UserToken::new(id).unwrap()
}

async fn started(rig: &Rig, user: &UserToken, options: &LoginOptions) -> Session {
    match rig.client.authenticate(user, options).await.unwrap() {
        Authentication::Started { session, .. } => session,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn users_are_added_told_apart_and_deleted() {
    let rig = Rig::start().await;
    assert!(rig.client.add_user(&token("old")).await.unwrap());
    assert!(!rig.client.add_user(&token("old")).await.unwrap());
    let added = rig.client.add_users(&[token("old"), token("new")]).await.unwrap();
    assert_eq!((added.created, added.existing), (vec![token("new")], vec![token("old")]));
    rig.client.delete_users(&[token("old"), token("never there")]).await.unwrap();
    assert!(rig.client.add_user(&token("old")).await.unwrap());
}

#[tokio::test]
async fn odd_user_ids_are_one_and_the_same_everywhere() {
    let rig = Rig::start().await;
    let users = ODD.map(token);
    assert_eq!(rig.client.add_users(&users).await.unwrap().created, users);
    for user in &users {
        assert!(!rig.client.has_registered_device(user).await.unwrap(), "{user}");
        let link = rig.client.registration_link(user, Some("é & +/?#")).await.unwrap();
        let phone = rig.service.register_phone(&link).await.unwrap();
        assert_eq!((phone.user(), phone.display_name()), (user, Some("é & +/?#")));
        assert!(rig.client.has_registered_device(user).await.unwrap(), "{user}");
        let session = started(&rig, user, &LoginOptions::default()).await;
        assert_eq!(phone.accept_next(SOON).await.unwrap().user_id, *user);
        assert_eq!(rig.client.status(&session).await.unwrap(), SessionStatus::Active, "{user}");
    }
}

#[tokio::test]
async fn a_user_id_that_cannot_be_sent_is_refused_before_it_is() {
    let rig = Rig::start().await;
    for id in [".", ".."] {
        let user = rig.user(id).await;
        match rig.client.has_registered_device(&user).await {
            Err(Error::Transport(error)) => assert_eq!(error.kind(), TransportErrorKind::UrlRewritten),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn without_a_phone_nothing_is_started() {
    let rig = Rig::start().await;
    let user = rig.user("u").await;
    let answer = rig.client.authenticate(&user, &LoginOptions::default()).await.unwrap();
    assert!(matches!(answer, Authentication::NotStarted { reason: Reason::NoMobileDevice, .. }));
    rig.phone_of(&user).await.unregister().await.unwrap();
    let answer = rig.client.authenticate(&user, &LoginOptions::default()).await.unwrap();
    assert!(matches!(answer, Authentication::NotStarted { reason: Reason::NoMobileDevice, .. }));
}

#[tokio::test]
async fn each_method_with_a_duration_becomes_active_and_is_ended() {
    use AuthenticationMethod::{Acceptance, Device, Facial};
    let simulated = TestService::builder().unverified_methods(UnverifiedMethods::Simulated);
    let rig = Rig::over(simulated.start().await.unwrap());
    let (user, phone) = rig.user_with_phone().await;
    for methods in [&[][..], &[Acceptance], &[Device], &[Facial], &[Acceptance, Device, Facial]] {
        let options =
            LoginOptions::default().methods(methods.iter().cloned()).duration(Duration::from_secs(60));
        let session = started(&rig, &user, &options).await;
        assert_eq!(rig.client.status(&session).await.unwrap(), SessionStatus::Pending);
        phone.accept_next(SOON).await.unwrap();
        assert_eq!(rig.client.status(&session).await.unwrap(), SessionStatus::Active);
        assert_eq!(rig.client.claim_session(&session).await.unwrap(), ClaimOutcome::Claimed);
        assert_eq!(rig.client.logout(&session).await.unwrap(), LogoutReceipt::Confirmed);
        assert_eq!(rig.client.status(&session).await.unwrap(), SessionStatus::Closed);
        // It is in no store any more, and ended all the same.
        assert_eq!(rig.client.logout(&session).await.unwrap(), LogoutReceipt::Confirmed);
    }
}

#[tokio::test]
async fn what_the_service_refuses_is_told_with_its_reason() {
    let rig = Rig::start().await;
    let (user, phone) = rig.user_with_phone().await;
    let session = started(&rig, &user, &LoginOptions::default()).await;
    phone.accept_next(SOON).await.unwrap();

    let sms = RegistrationSms { phone_number: "+15550100".into(), display_name: None, message: None };
    let declined = rig.client.send_registration_sms(&user, &sms).await.unwrap_err();
    assert_eq!(declined.reason(), Some(&Reason::SmsNotConfigured), "{declined}");

    let too_long = LoginOptions::default().duration(Duration::from_secs(400 * 24 * 3600));
    let refused = rig.client.authenticate(&user, &too_long).await.unwrap_err();
    assert_eq!(refused.reason(), Some(&Reason::InvalidDuration), "{refused}");

    rig.client.delete_users(std::slice::from_ref(&user)).await.unwrap();
    assert_eq!(rig.client.status(&session).await.unwrap(), SessionStatus::Closed);
    let unknown = rig.client.has_registered_device(&user).await.unwrap_err();
    assert!(
        matches!(unknown, Error::Status { status: 404, reason: Some(Reason::UnknownUser), .. }),
        "{unknown}"
    );

    let stranger = rig.service.client_builder().application("NOBODY", "x").build().unwrap();
    let refused = stranger.add_user(&user).await.unwrap_err();
    assert!(matches!(refused, Error::Status { status: 404, .. }), "{refused}");
    let id = rig.service.application_id().as_str();
    let impostor = rig.service.client_builder().application(id, "X".repeat(32)).build().unwrap();
    let refused = impostor.add_user(&user).await.unwrap_err();
    assert_eq!(refused.reason(), Some(&Reason::BadSignature), "{refused}");
    assert!(!refused.to_string().contains("XXX"));
}

#[tokio::test]
async fn a_lost_phone_is_replaced() {
    let rig = Rig::start().await;
    let (user, phone) = rig.user_with_phone().await;
    let granted = rig.granted(&user, &phone).await;
    phone.lose();
    let link = rig.client.lost_device(&user).await.unwrap();
    assert_eq!(rig.client.status(&granted.session).await.unwrap(), SessionStatus::Closed);
    assert!(!rig.client.has_registered_device(&user).await.unwrap());
    let phone = rig.service.register_phone(&link).await.unwrap();
    rig.granted(&user, &phone).await;
}
