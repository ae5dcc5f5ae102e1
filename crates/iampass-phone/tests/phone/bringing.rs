use iampass_core::wire::{BRING_TYPE, Reason};
use iampass_phone::{Brought, PhoneError};
use serde_json::{Value, json};

use crate::fake_service::{
    DEVICE_SECRET, FakeService, assert_signed, json_of, link, question, record, verified,
};

const SCAN: &str = "AbCdEfGhIjKlMnOpQr-_0Q";

fn both() -> [(Brought, Value); 2] {
    let known = [iampass_core::Server::parse("https://login.example").unwrap()];
    let scan = format!("https://login.example/phone#scan={SCAN}");
    [
        (Brought::parse("482-913", &known).unwrap(), json!({"code": "482913"})),
        (Brought::parse(&scan, &known).unwrap(), json!({"scan": SCAN})),
    ]
}

#[tokio::test]
async fn the_device_key_signs_what_is_brought() {
    let service = FakeService::new();
    let (account, key) = service.account().await;
    for (brought, expected) in both() {
        service.answer(200, json!({"requests": [question()]}));
        let request = account.bring(&brought).await.unwrap();
        assert_eq!(request.auth_request_id.as_str(), "Q");
        let sent = service.only();
        assert!(sent.uri().to_string().starts_with("https://login.example/device/D/bring?body_sha256="));
        assert_signed(&sent, "D", DEVICE_SECRET);
        let mut claims = verified(&sent, "brought", BRING_TYPE, &key);
        let claims = claims.as_object_mut().unwrap();
        assert!(claims.remove("iat").unwrap().as_u64().unwrap() > 1_700_000_000);
        for (name, value) in [("iss", "D"), ("aud", "APP"), ("sub", "u")] {
            assert_eq!(claims.remove(name), Some(value.into()));
        }
        assert_eq!(Value::Object(claims.clone()), expected);
    }
}

#[tokio::test]
async fn a_phone_without_a_key_brings_it_plainly() {
    let service = FakeService::new();
    let account = service.shared_account().await;
    for (brought, expected) in both() {
        service.answer(200, json!({"requests": [question()]}));
        account.bring(&brought).await.unwrap();
        let sent = service.only();
        assert_signed(&sent, "D", DEVICE_SECRET);
        assert_eq!(json_of(&sent), expected);
    }
}

#[tokio::test]
async fn refusals_are_told_with_their_reason() {
    let service = FakeService::new();
    let (account, _) = service.account().await;
    let [(digits, _), _] = both();
    for (status, reason, is_retryable) in [
        (422, Reason::WrongCode, false),
        (429, Reason::TooManyRequests, true),
        (422, Reason::SignedAnswerRequired, false),
        (401, Reason::BadSignature, false),
    ] {
        service.answer(status, json!({"status": false, "reason": reason}));
        let error = account.bring(&digits).await.unwrap_err();
        assert_eq!((error.reason(), error.is_retryable()), (Some(&reason), is_retryable));
    }
}

#[tokio::test]
async fn the_answer_has_exactly_one_question() {
    let service = FakeService::new();
    let (account, _) = service.account().await;
    let [(digits, _), _] = both();
    for requests in [json!([]), json!([question(), question()])] {
        service.answer(200, json!({"requests": requests}));
        assert!(matches!(account.bring(&digits).await, Err(PhoneError::Malformed { .. })), "{requests}");
    }
}

#[tokio::test]
async fn a_service_that_takes_no_codes_is_not_asked() {
    let service = FakeService::new();
    service.answer(200, record("https://login.example", false));
    let client = iampass_phone::PhoneClient::builder().transport(service.clone()).build().unwrap();
    let account = client.register(&link()).await.unwrap();
    service.sent();
    let [(digits, _), _] = both();
    assert!(matches!(account.bring(&digits).await, Err(PhoneError::BringNotOffered)));
    assert!(service.sent().is_empty());
}
