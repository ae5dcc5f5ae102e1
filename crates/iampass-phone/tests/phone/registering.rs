use std::collections::BTreeSet;
use std::sync::Arc;

use iampass_core::wire::{Reason, RegisterDevice};
use iampass_core::{RefusedUrl, RegistrationLink};
use iampass_phone::{PhoneClient, PhoneError, Registration};
use serde_json::json;

use crate::fake_service::{CountedKeys, FakeService, json_of, link, record};

#[tokio::test]
async fn the_public_half_goes_with_the_registration_and_the_private_half_stays() {
    let service = FakeService::new();
    service.answer(200, record("https://login.example", true));
    let keys = Arc::new(CountedKeys::default());
    let account = service.client(keys.clone()).register(&link()).await.unwrap();
    let sent = service.only();
    assert_eq!((sent.method(), sent.uri().to_string()), (&http::Method::POST, link().as_str().to_owned()));
    assert!(!sent.headers().contains_key("authentication"), "the link is the credential");
    let body = json_of(&sent);
    assert_eq!(body["notification_token"], "*iampass-phone");
    let members: BTreeSet<_> = body["key"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, BTreeSet::from(["crv", "kty", "x", "y"]), "the private half is not among them");
    assert!(account.registration().device_key().is_some());
    assert_eq!(keys.counts(), (1, 0));
    assert_eq!(account.registration().user().as_str(), "u");
    assert_eq!(account.registration().application().as_str(), "APP");
    assert!(!format!("{account:?}").contains("hunter"));
}

#[tokio::test]
async fn a_service_that_knows_no_keys_has_a_phone_without_one() {
    let service = FakeService::new();
    service.answer(200, record("https://login.example", false));
    let keys = Arc::new(CountedKeys::default());
    let account = service.client(keys.clone()).register(&link()).await.unwrap();
    assert!(json_of(&service.only()).get("key").is_some());
    assert!(account.registration().device_key().is_none());
    assert_eq!(keys.counts(), (1, 1));
}

#[tokio::test]
async fn a_phone_can_be_registered_without_a_key() {
    let service = FakeService::new();
    let keys = Arc::new(CountedKeys::default());
    let client = service.client(keys.clone());
    service.answer(200, record("https://login.example", true));
    // A public half without its key would lock the phone out.
    let stray = iampass_core::wire::DeviceKey::from_sec1(&[4; 65]).unwrap();
    let device = RegisterDevice::new("token").key(stray);
    let account = client.register_shared(&link(), device).await.unwrap();
    assert_eq!(json_of(&service.only()), json!({"notification_token": "token"}));
    assert!(account.registration().device_key().is_none());
    assert_eq!(keys.counts(), (0, 0));
}

#[tokio::test]
async fn a_refused_link_leaves_no_key() {
    let service = FakeService::new();
    service.answer(404, json!({"status": false, "reason": "LINK_NOT_VALID"}));
    let keys = Arc::new(CountedKeys::default());
    let error = service.client(keys.clone()).register(&link()).await.unwrap_err();
    assert_eq!(error.reason(), Some(&Reason::LinkNotValid));
    assert!(!error.is_retryable());
    assert_eq!(keys.counts(), (1, 1));
}

#[tokio::test]
async fn a_link_over_plain_http_is_not_called() {
    let service = FakeService::new();
    let keys = Arc::new(CountedKeys::default());
    for (text, reason) in [
        ("http://login.example/r/abc", RefusedUrl::NotHttps),
        ("https://user:secret@login.example/r/abc", RefusedUrl::NotSignable),
        ("https://login.example/r/abc#x", RefusedUrl::NotSignable),
    ] {
        let link = RegistrationLink::parse(text).unwrap();
        let error = service.client(keys.clone()).register(&link).await.unwrap_err();
        assert!(
            matches!(error, PhoneError::RefusedUrl { refused, .. } if refused == reason),
            "{text}: {error}"
        );
    }
    assert!(service.sent().is_empty());
    assert_eq!(keys.counts(), (0, 0));
    // This machine needs no certificate.
    service.answer(200, record("http://127.0.0.1:8089", true));
    let link = RegistrationLink::parse("http://127.0.0.1:8089/r/abc").unwrap();
    service.client(keys).register(&link).await.unwrap();
}

#[tokio::test]
async fn a_record_that_leads_elsewhere_is_refused() {
    for member in
        ["active_sessions", "device_configuration", "device_unregister", "pending_requests", "bring_request"]
    {
        for url in ["https://evil.example/x", "http://login.example/x", "javascript:alert(1)", ""] {
            let service = FakeService::new();
            let mut record = record("https://login.example", true);
            record["service"]["service_urls"][member] = url.into();
            service.answer(200, record);
            let keys = Arc::new(CountedKeys::default());
            let refused = service.client(keys.clone()).register(&link()).await;
            assert!(matches!(refused, Err(PhoneError::RefusedUrl { .. })), "{member}: {url}: {refused:?}");
            assert_eq!(keys.counts(), (1, 1));
        }
    }
}

#[test]
fn an_application_without_a_usable_id_is_no_registration() {
    let mut record = record("https://login.example", true);
    record["service"]["service_id"] = "two words".into();
    let registration = Registration::new(&link(), serde_json::from_value(record).unwrap(), None);
    assert!(matches!(registration, Err(PhoneError::Malformed { .. })));
}

#[test]
fn a_client_says_which_part_is_missing() {
    let error = PhoneClient::builder().build().unwrap_err();
    assert!(matches!(error, PhoneError::NotSet { part: "the transport" }), "{error}");
}
