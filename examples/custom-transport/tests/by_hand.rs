//! The machines driven by hand against the real service.

use std::sync::Arc;
use std::time::Duration;

use custom_transport::{Clock, Http, drive};
use iampass::core::machine::{Login, Logout, LogoutEvent, LogoutOutcome};
use iampass::{LoginEvent, LoginOptions, LoginOutcome, UserToken};
use iampass_testkit::TestService;

#[tokio::test(flavor = "multi_thread")]
async fn a_login_by_hand() {
    let service = TestService::start().await.unwrap();
    let client = service.client().unwrap();
    let user = UserToken::new("u").unwrap();
    client.add_user(&user).await.unwrap();
    let link = client.registration_link(&user, None).await.unwrap();
    let phone = service.register_phone(&link).await.unwrap();

    let application = Arc::new(service.application());
    let by_hand = tokio::task::spawn_blocking(move || {
        let (http, clock) = (Http::new(), Clock::new());
        let mut granted = None;
        let login = Login::new(application, &user, LoginOptions::default()).unwrap();
        let tell = |_: &mut Login, event| {
            if let LoginEvent::Finished(end) = event
                && let LoginOutcome::Granted(login) = end?
            {
                granted = Some(login);
            }
            Ok(())
        };
        drive(login, &http, clock, tell).unwrap();
        let logout = Logout::new(&granted.unwrap().session, clock.now().mono + Duration::from_secs(30));
        let mut outcome = None;
        drive(logout, &http, clock, |_, event| {
            if let LogoutEvent::Finished(end) = event {
                outcome = Some(end);
            }
            Ok(())
        })
        .unwrap();
        outcome.unwrap()
    });
    phone.accept_next(Duration::from_secs(20)).await.unwrap();
    assert!(matches!(by_hand.await.unwrap(), LogoutOutcome::Confirmed));
    assert!(phone.active_sessions().await.unwrap().is_empty());
}

#[test]
fn a_service_that_is_not_there_is_said_to_be_so() {
    let request = iampass::core::port::HttpRequest::default();
    let (mut parts, body) = request.into_parts();
    parts.uri = "http://127.0.0.1:9/".parse().unwrap();
    let error = Http::new().send(iampass::core::port::HttpRequest::from_parts(parts, body)).unwrap_err();
    assert_eq!(error.kind(), iampass::core::port::TransportErrorKind::Connect);
}
