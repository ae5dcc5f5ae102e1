//! A virtual phone brings what a browser shows, and the real service believes its own key alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod starting;

use std::time::Duration;

use iampass_core::UserToken;
use iampass_core::wire::{Assurance, KeyKind, Reason};
use iampass_testkit::{TestService, TestkitError, VirtualPhone};

use starting::{browser, other_than, start, status};

const SOON: Duration = Duration::from_secs(5);

fn user(id: &str) -> UserToken {
    UserToken::new(id).unwrap()
}

async fn registered(service: &TestService, id: &str) -> VirtualPhone {
    let client = service.client().unwrap();
    client.add_user(&user(id)).await.unwrap();
    service.register_phone(&client.registration_link(&user(id), None).await.unwrap()).await.unwrap()
}

async fn shared(service: &TestService, id: &str) -> VirtualPhone {
    let client = service.client().unwrap();
    client.add_user(&user(id)).await.unwrap();
    service.register_shared_phone(&client.registration_link(&user(id), None).await.unwrap()).await.unwrap()
}

fn reason(result: Result<(), TestkitError>) -> (u16, Option<Reason>) {
    match result {
        Err(TestkitError::Refused { status, reason, .. }) => (status, reason),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_code_is_typed_or_scanned_and_proves_the_browser_and_the_key() {
    let service = TestService::start().await.unwrap();
    for (phone, key) in
        [(registered(&service, "u").await, KeyKind::Device), (shared(&service, "v").await, KeyKind::Shared)]
    {
        assert_eq!(phone.has_device_key(), key == KeyKind::Device);
        for typed in [true, false] {
            let shown = start(&service, phone.user(), browser()).await;
            assert!(shown.open_url.is_none(), "the application takes nobody back");
            assert!(phone.pending().await.unwrap().is_empty(), "nothing rings for a browser that is new");
            let request = if typed {
                let (one, other) = shown.code.split_at(3);
                phone.bring_code(&format!(" {one}-{other}")).await.unwrap()
            } else {
                phone.bring_scan(&shown.scan_url).await.unwrap()
            };
            assert!(request.needs_code());
            assert_eq!(request.browser.as_deref(), Some("Firefox on Windows"));
            assert_eq!(
                phone.next_request(SOON).await.unwrap().unwrap().auth_request_id,
                request.auth_request_id
            );
            match typed {
                true => phone.accept_with_code(&request, &shown.code).await.unwrap(),
                false => phone.accept_with_scan(&request, &shown.scan_url).await.unwrap(),
            }
            let proven = Assurance::default().code(true).key(key.clone());
            assert_eq!(status(&shown.session).await, ("active".to_owned(), Some(proven)));
        }
    }
}

#[tokio::test]
async fn a_question_that_rings_needs_the_code_all_the_same() {
    let service = TestService::start().await.unwrap();
    let phone = registered(&service, "u").await;
    let shown = start(&service, phone.user(), browser().known_browser(true)).await;
    let request = phone.next_request(SOON).await.unwrap().unwrap();
    assert_eq!(reason(phone.accept(&request).await), (422, Some(Reason::CodeRequired)));
    let wrong = other_than(&shown.code);
    for _ in 0..2 {
        assert_eq!(reason(phone.accept_with_code(&request, &wrong).await), (422, Some(Reason::WrongCode)));
        assert_eq!(status(&shown.session).await.0, "identifying");
    }
    assert_eq!(reason(phone.accept_with_code(&request, &wrong).await), (200, Some(Reason::WrongCode)));
    assert_eq!(status(&shown.session).await.0, "failed");
    // The right one comes too late.
    assert_eq!(reason(phone.accept_with_code(&request, &shown.code).await).0, 409);
    assert_eq!(status(&shown.session).await.0, "failed");
}

/// A thief with all that the service knows of a phone has no key of it.
#[tokio::test]
async fn a_phone_with_a_key_is_believed_by_it_alone() {
    let service = TestService::start().await.unwrap();
    let phone = registered(&service, "u").await;
    let shown = start(&service, phone.user(), browser()).await;
    let (robbed, forged) = (phone.without_its_key().unwrap(), phone.with_another_key().await.unwrap());
    assert!(!robbed.has_device_key() && forged.has_device_key());
    let brought = robbed.bring_code(&shown.code).await.map(drop);
    assert_eq!(reason(brought), (422, Some(Reason::SignedAnswerRequired)));
    assert_eq!(reason(forged.bring_code(&shown.code).await.map(drop)), (401, Some(Reason::BadSignature)));
    assert_eq!(reason(forged.bring_scan(&shown.scan_url).await.map(drop)), (401, Some(Reason::BadSignature)));
    assert!(phone.pending().await.unwrap().is_empty());

    let request = phone.bring_code(&shown.code).await.unwrap();
    let answered = robbed.accept_with_code(&request, &shown.code).await;
    assert_eq!(reason(answered), (422, Some(Reason::SignedAnswerRequired)));
    let answered = forged.accept_with_code(&request, &shown.code).await;
    assert_eq!(reason(answered), (401, Some(Reason::BadSignature)));
    assert_eq!(reason(robbed.deny(&request).await), (422, Some(Reason::SignedAnswerRequired)));
    assert_eq!(status(&shown.session).await.0, "identifying");
    phone.accept_with_code(&request, &shown.code).await.unwrap();
    assert_eq!(status(&shown.session).await.0, "active");
}

#[tokio::test]
async fn a_code_is_for_the_phone_of_its_user() {
    let service = TestService::start().await.unwrap();
    let (phone, other) = (registered(&service, "u").await, registered(&service, "v").await);
    let shown = start(&service, phone.user(), browser()).await;
    assert_eq!(reason(other.bring_code(&shown.code).await.map(drop)), (422, Some(Reason::WrongCode)));
    assert_eq!(reason(other.bring_scan(&shown.scan_url).await.map(drop)), (422, Some(Reason::WrongCode)));
    // A phone of several users finds the one who is meant.
    let client = service.client().unwrap();
    let mut several = service.phone();
    for id in ["v", "u", "w"] {
        client.add_user(&user(id)).await.unwrap();
        several.register(&client.registration_link(&user(id), None).await.unwrap()).await.unwrap();
    }
    let shown = start(&service, &user("u"), browser()).await;
    let (meant, request) = several.bring_scan(&shown.scan_url).await.unwrap();
    assert_eq!((meant.user(), &request.user_id), (&user("u"), &user("u")));
    meant.accept_with_scan(&request, &shown.scan_url).await.unwrap();
    assert_eq!(status(&shown.session).await.0, "active");
}

#[tokio::test]
async fn a_report_is_a_denial_that_stops_ringing() {
    let service = TestService::start().await.unwrap();
    let phone = registered(&service, "u").await;
    let shown = start(&service, phone.user(), browser().known_browser(true)).await;
    phone.report(&phone.next_request(SOON).await.unwrap().unwrap()).await.unwrap();
    assert_eq!(status(&shown.session).await.0, "cancelled");
    let again = start(&service, phone.user(), browser().known_browser(true)).await;
    assert!(phone.pending().await.unwrap().is_empty(), "it is silent now");
    phone.bring_scan(&again.scan_url).await.unwrap();
}

/// A phone that is stored and taken up again has its key; one that was stored before there were keys goes on without.
#[tokio::test]
async fn keys_outlast_a_restart() {
    let service = TestService::start().await.unwrap();
    let client = service.client().unwrap();
    client.add_users(&[user("u"), user("v")]).await.unwrap();
    let mut phone = service.phone();
    phone.register(&client.registration_link(&user("u"), None).await.unwrap()).await.unwrap();
    phone.register_shared(&client.registration_link(&user("v"), None).await.unwrap()).await.unwrap();
    let state = phone.to_json_with_secrets();
    assert_eq!(state.matches("device_key").count(), 1);
    let mut restored = service.phone();
    restored.restore(&state).unwrap();
    for (id, key) in [("u", KeyKind::Device), ("v", KeyKind::Shared)] {
        let shown = start(&service, &user(id), browser()).await;
        let phone = restored.user(&user(id)).unwrap();
        let request = phone.bring_code(&shown.code).await.unwrap();
        phone.accept_with_code(&request, &shown.code).await.unwrap();
        let proven = Assurance::default().code(true).key(key);
        assert_eq!(status(&shown.session).await, ("active".to_owned(), Some(proven)));
    }
}

#[tokio::test]
async fn a_text_that_is_no_code_is_refused_before_it_is_sent() {
    let service = TestService::start().await.unwrap();
    let phone = registered(&service, "u").await;
    for digits in ["", "48291", "48291a"] {
        assert!(matches!(phone.bring_code(digits).await, Err(TestkitError::Phone(_))), "{digits}");
    }
    let elsewhere = "https://evil.example/phone#scan=AAAAAAAAAAAAAAAAAAAAAA";
    assert!(matches!(phone.bring_scan(elsewhere).await, Err(TestkitError::Phone(_))));
}
