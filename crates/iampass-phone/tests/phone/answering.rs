use std::sync::Arc;
use std::sync::atomic::Ordering;

use iampass_core::wire::{ANSWER_TYPE, AuthenticationRequest, CHANGE_TYPE, Identification};
use iampass_phone::{Brought, KeyError, PhoneError, UnlockError, calls};
use serde_json::{Map, Value, json};

use crate::fake_service::{
    CountedKeys, DEVICE_SECRET, FakeService, QUESTION_SECRET, assert_bound, assert_signed, json_of, link,
    question, record, request, verified,
};

const SCAN: &str = "AbCdEfGhIjKlMnOpQr-_0Q";

fn brought(text: &str, account: &iampass_phone::Account) -> Brought {
    Brought::parse(text, [account.registration().server()]).unwrap()
}

fn scan(account: &iampass_phone::Account) -> Brought {
    brought(&format!("https://login.example/phone#scan={SCAN}"), account)
}

fn edited(edit: impl FnOnce(&mut Value)) -> AuthenticationRequest {
    let mut question = question();
    edit(&mut question);
    serde_json::from_value(question).unwrap()
}

/// Each answer of a phone with a key: the claims beside those that all have.
#[tokio::test]
async fn the_device_key_signs_the_answer_to_this_very_question() {
    let service = FakeService::new();
    let (account, key) = service.account().await;
    let digits = brought("482 913", &account);
    let acceptance = json!({"accepted": true});
    for (tap, expected) in [
        ("accept", json!({"accepted": true, "acceptance": acceptance})),
        ("code", json!({"accepted": true, "acceptance": acceptance, "code": "482913"})),
        ("scan", json!({"accepted": true, "acceptance": acceptance, "scan": SCAN})),
        ("deny", json!({"accepted": false})),
        ("report", json!({"accepted": false, "report": true})),
    ] {
        service.done();
        service.done();
        match tap {
            "accept" => account.accept(&request(), None).await.unwrap(),
            "code" => account.accept(&request(), Some(&digits)).await.unwrap(),
            "scan" => account.accept(&request(), Some(&scan(&account))).await.unwrap(),
            "deny" => account.deny(&request()).await.unwrap(),
            _ => account.report(&request()).await.unwrap(),
        }
        let sent = service.sent();
        assert_eq!(sent.len(), 2, "{tap}");
        assert!(sent[0].uri().to_string().starts_with("https://login.example/identification/Q/start?"));
        assert!(sent[0].body().is_empty());
        for request in &sent {
            assert_signed(request, "Q", QUESTION_SECRET);
        }
        let mut claims = verified(&sent[1], "answer", ANSWER_TYPE, &key);
        let claims = claims.as_object_mut().unwrap();
        assert!(claims.remove("iat").unwrap().as_u64().unwrap() > 1_700_000_000);
        for (name, value) in [("iss", "D"), ("aud", "APP"), ("sub", "u"), ("jti", "Q")] {
            assert_eq!(claims.remove(name), Some(value.into()), "{tap}");
        }
        assert_eq!(Value::Object(claims.clone()), expected, "{tap}");
    }
}

#[tokio::test]
async fn a_phone_without_a_key_answers_as_before() {
    let service = FakeService::new();
    let account = service.shared_account().await;
    let digits = brought("482913", &account);
    let acceptance = json!({"accepted": true});
    for (brought, expected) in [
        (None, json!({"accepted": true, "acceptance": acceptance})),
        (Some(digits), json!({"accepted": true, "acceptance": acceptance, "code": "482913"})),
        (Some(scan(&account)), json!({"accepted": true, "acceptance": acceptance, "scan": SCAN})),
    ] {
        service.done();
        service.done();
        account.accept(&request(), brought.as_ref()).await.unwrap();
        let sent = service.sent();
        assert_signed(&sent[1], "Q", QUESTION_SECRET);
        assert_eq!(json_of(&sent[1]), expected);
    }
    service.done();
    service.done();
    account.deny(&request()).await.unwrap();
    assert_eq!(json_of(&service.sent()[1]), json!({"accepted": false}));
}

#[tokio::test]
async fn without_its_key_a_phone_answers_nothing() {
    let service = FakeService::new();
    let keys = Arc::new(CountedKeys::default());
    service.answer(200, record("https://login.example", true));
    let account = service.client(keys.clone()).register(&link()).await.unwrap();
    service.sent();
    keys.lost.store(1, Ordering::SeqCst);
    let yes = Identification::yes(Map::new());
    let error = account.answer(&request(), &yes).await.unwrap_err();
    assert!(matches!(error, PhoneError::Key(KeyError::Missing)), "{error}");
    // The same for an account that is opened by a client without a key store.
    let client = iampass_phone::PhoneClient::builder().transport(service.clone()).build().unwrap();
    let account = client.open(account.registration().clone());
    let error = account.answer(&request(), &yes).await.unwrap_err();
    assert!(matches!(error, PhoneError::Key(KeyError::Missing)), "{error}");
    assert!(service.sent().is_empty());
}

/// The same without I/O: a call that has to be signed is none until it is.
#[tokio::test]
async fn a_call_that_the_key_has_to_sign_is_not_finished_without_it() {
    let service = FakeService::new();
    let (account, _) = service.account().await;
    let (registration, at) = (account.registration(), iampass_core::UnixSeconds(1_764_000_000));
    for call in [
        calls::answer(registration, &request(), &Identification::no(), at).unwrap(),
        calls::bring(registration, &brought("482913", &account), at).unwrap(),
    ] {
        assert!(call.signing_input().is_some());
        assert!(!format!("{call:?}").contains("ey"), "{call:?}");
        assert!(matches!(call.finish(None), Err(PhoneError::Key(KeyError::Missing))));
    }
}

#[tokio::test]
async fn the_key_speaks_for_one_user_at_one_application() {
    let service = FakeService::new();
    let (account, _) = service.account().await;
    for (member, other) in [("user_id", "v"), ("application_id", "OTHER")] {
        let request = edited(|question| question[member] = other.into());
        let error = account.answer(&request, &Identification::yes(Map::new())).await.unwrap_err();
        assert!(matches!(error, PhoneError::OtherAccount), "{error}");
    }
    assert!(service.sent().is_empty());
}

#[tokio::test]
async fn a_question_that_leads_elsewhere_is_not_answered() {
    let service = FakeService::new();
    let (account, _) = service.account().await;
    for member in ["identification_start_url", "identification_url"] {
        let request = edited(|question| question["identify"][member] = "https://evil.example/i".into());
        service.done();
        let refused = account.accept(&request, None).await;
        assert!(matches!(refused, Err(PhoneError::RefusedUrl { .. })), "{member}: {refused:?}");
        let sent = service.sent();
        assert!(sent.iter().all(|request| request.uri().host() == Some("login.example")), "{sent:?}");
    }
}

/// A method that this phone cannot do is never claimed.
#[tokio::test]
async fn nothing_is_claimed_that_the_phone_cannot_do() {
    let service = FakeService::new();
    let (account, _) = service.account().await;
    let asked = |member: &str| edited(|question| question["identify"]["requested_data"][member] = json!({}));
    let error = account.accept(&asked("os_authentication"), None).await.unwrap_err();
    assert!(matches!(error, PhoneError::Unlock(UnlockError::NotAvailable)), "{error}");
    for method in ["facial", "proximity"] {
        let error = account.accept(&asked(method), None).await.unwrap_err();
        assert!(
            matches!(error, PhoneError::MethodNotAvailable { method: name } if name == method),
            "{error}"
        );
    }
    assert!(service.sent().is_empty());
}

#[tokio::test]
async fn a_scan_of_another_service_is_not_told_to_this_one() {
    let service = FakeService::new();
    let (account, _) = service.account().await;
    let other = [iampass_core::Server::parse("https://other.example").unwrap()];
    let scan = Brought::parse(&format!("https://other.example/phone#scan={SCAN}"), &other).unwrap();
    for error in
        [account.accept(&request(), Some(&scan)).await.unwrap_err(), account.bring(&scan).await.unwrap_err()]
    {
        assert!(matches!(error, PhoneError::OtherService), "{error}");
    }
    assert!(service.sent().is_empty());
}

#[tokio::test]
async fn sessions_and_the_rest_are_signed_by_the_phones_pair() {
    let service = FakeService::new();
    let account = service.shared_account().await;
    let of = |action: &str| format!("https://login.example/device/D/sessions/S/{action}");
    let session = json!({"session_id": "S", "application_id": "APP", "application_name": "Shop", "user_id": "u",
        "session_status": "active", "started_at": 1, "expires_at": 2, "logout_url": of("logout"),
        "walkaway_url": of("walkaway"), "return_url": of("return")});
    service.answer(200, json!({"sessions": [session]}));
    let session = account.active_sessions().await.unwrap().remove(0);
    assert_signed(&service.only(), "D", DEVICE_SECRET);
    for action in ["logout", "walkaway", "return"] {
        service.done();
        match action {
            "logout" => account.log_out(&session).await.unwrap(),
            "walkaway" => account.walk_away(&session).await.unwrap(),
            _ => account.come_back(&session).await.unwrap(),
        }
        let sent = service.only();
        assert!(sent.uri().path().ends_with(&format!("/S/{action}")), "{}", sent.uri());
        assert_eq!(sent.headers()["content-length"], "0");
        assert_signed(&sent, "D", DEVICE_SECRET);
    }
    let configuration = serde_json::from_value(json!({"notification_token": "*new"})).unwrap();
    service.answer(200, json!({"status": true}));
    assert!(account.configure(&configuration).await.unwrap().status);
    let sent = service.only();
    assert_signed(&sent, "D", DEVICE_SECRET);
    assert_eq!(json_of(&sent), json!({"notification_token": "*new"}));
    service.done();
    account.unregister().await.unwrap();
    assert_signed(&service.only(), "D", DEVICE_SECRET);
}

/// A phone with a key signs each change by it, and says in it what is changed.
#[tokio::test]
async fn what_a_phone_with_a_key_changes_is_signed_by_the_key() {
    let service = FakeService::new();
    let (account, key) = service.account().await;
    let of = |action: &str| format!("https://login.example/device/D/sessions/S/{action}");
    let session = serde_json::from_value(json!({"session_id": "S", "application_id": "APP",
        "application_name": "Shop", "user_id": "u", "session_status": "active", "started_at": 1, "expires_at": 2,
        "logout_url": of("logout"), "walkaway_url": of("walkaway"), "return_url": of("return")}));
    let session = session.unwrap();
    let configuration = serde_json::from_value(json!({"notification_token": "*new"})).unwrap();
    for (name, about) in [
        ("logout", json!({"change": "logout", "session_id": "S"})),
        ("walkaway", json!({"change": "walkaway", "session_id": "S"})),
        ("return", json!({"change": "return", "session_id": "S"})),
        ("configuration", json!({"change": "configuration", "notification_token": "*new"})),
        ("unregister", json!({"change": "unregister"})),
    ] {
        service.done();
        match name {
            "logout" => account.log_out(&session).await.unwrap(),
            "walkaway" => account.walk_away(&session).await.unwrap(),
            "return" => account.come_back(&session).await.unwrap(),
            "configuration" => drop(account.configure(&configuration).await.unwrap()),
            _ => account.unregister().await.unwrap(),
        }
        let sent = service.only();
        assert_signed(&sent, "D", DEVICE_SECRET);
        let mut claims = verified(&sent, "change", CHANGE_TYPE, &key);
        assert_bound(&sent, &mut claims);
        let mut expected = json!({"iss": "D", "aud": "APP", "sub": "u"});
        expected.as_object_mut().unwrap().extend(about.as_object().unwrap().clone());
        assert_eq!(claims, expected);
    }
}
