//! APNs over sockets: a server that speaks HTTP/2 and TLS as Apple's does.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::Version;
use iampass_core::{Secret, UnixSeconds};
use iampass_server_push::{
    Address, Apns, ApnsAccount, ApnsServer, DeviceToken, HttpClient, InvalidApnsAccount, Push as _,
    PushErrorKind as K, PushKind,
};
use serde_json::{Value, json};

use crate::browser::{NOW, request};
use crate::server::{Reply, Server, reply};

fn key() -> (String, EcdsaKeyPair) {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let der = STANDARD.encode(pair.to_pkcs8v1().unwrap().as_ref());
    (format!("-----BEGIN PRIVATE KEY-----\n{der}\n-----END PRIVATE KEY-----\n"), pair)
}

async fn apple(answers: fn(&str) -> Reply) -> (Apns, Server, EcdsaKeyPair) {
    let server = Server::http2(move |got| answers(got.path.strip_prefix("/3/device/").unwrap())).await;
    let (pem, pair) = key();
    let account =
        ApnsAccount::new(&Secret::new(pem), "ABC123DEFG", "TEAM123456", "com.example.phone").unwrap();
    let http = HttpClient::to_known_servers(server.authority.as_deref().map(str::as_bytes)).unwrap();
    (Apns::new(http, account, ApnsServer::At(server.url())), server, pair)
}

fn phone(token: &str) -> Address {
    Address::Apns(DeviceToken::new(token).unwrap())
}

#[tokio::test]
async fn a_push_carries_what_apple_wants() {
    let (way, server, pair) = apple(|_| reply(200, &[], "")).await;
    way.push(&request(&phone("00fc13adff785122"), PushKind::QuestionWaits)).await.unwrap();
    way.push(&request(&phone("00fc13adff785122"), PushKind::SessionChanged)).await.unwrap();
    let got = server.got();
    assert!(got.iter().all(|got| got.version == Version::HTTP_2 && got.path == "/3/device/00fc13adff785122"));
    for (got, kind, priority) in [(&got[0], "alert", "10"), (&got[1], "background", "5")] {
        assert_eq!(got.header("apns-push-type"), kind);
        assert_eq!(got.header("apns-priority"), priority);
        assert_eq!(got.header("apns-topic"), "com.example.phone");
        assert_eq!(got.header("apns-expiration"), (NOW.0 + 42).to_string());
        assert_eq!(got.header("apns-id").len(), 36);
        assert!(got.header("apns-collapse-id").len() <= 64);
    }
    let body: Value = serde_json::from_slice(&got[0].body).unwrap();
    assert_eq!(body["aps"]["alert"]["loc-key"], "IAMPASS_QUESTION_WAITS");
    assert_eq!(body["kind"], "question_waits");
    let body: Value = serde_json::from_slice(&got[1].body).unwrap();
    assert_eq!(body, json!({"aps": {"content-available": 1}, "iampass": 1, "kind": "session_changed"}));

    let token = got[0].header("authorization").strip_prefix("bearer ").unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref())
        .verify(signed.as_bytes(), &decoded(signature))
        .unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let read = |text: &str| serde_json::from_slice::<Value>(&decoded(text)).unwrap();
    assert_eq!(read(header), json!({"typ": "JWT", "alg": "ES256", "kid": "ABC123DEFG"}));
    assert_eq!(read(claims), json!({"iss": "TEAM123456", "iat": NOW.0}));
}

#[tokio::test]
async fn a_token_is_used_for_fifty_minutes() {
    let (way, server, _) = apple(|_| reply(200, &[], "")).await;
    let phone = phone("00fc");
    for seconds in [0, 2_999, 3_000] {
        let mut push = request(&phone, PushKind::QuestionWaits);
        push.now = UnixSeconds(NOW.0 + seconds);
        way.push(&push).await.unwrap();
    }
    let tokens: Vec<String> = server.got().iter().map(|got| got.header("authorization").to_owned()).collect();
    assert_eq!(tokens[0], tokens[1]);
    assert_ne!(tokens[1], tokens[2]);
}

#[tokio::test]
async fn an_expired_token_is_renewed_but_not_more_often_than_apple_allows() {
    let (way, server, _) = apple(|_| reply(403, &[], r#"{"reason": "ExpiredProviderToken"}"#)).await;
    let phone = phone("00fc");
    for seconds in [0, 60, 1_200, 1_260] {
        let mut push = request(&phone, PushKind::QuestionWaits);
        push.now = UnixSeconds(NOW.0 + seconds);
        assert_eq!(way.push(&push).await.unwrap_err().kind(), K::TokenExpired);
    }
    let tokens: Vec<String> = server.got().iter().map(|got| got.header("authorization").to_owned()).collect();
    assert!(tokens[0] == tokens[1] && tokens[1] == tokens[2]);
    assert_ne!(tokens[2], tokens[3]);
}

#[tokio::test]
async fn answers_are_told_apart() {
    let (way, ..) = apple(|token| match token {
        "01" => reply(410, &[], r#"{"reason": "Unregistered", "timestamp": 1800000000000}"#),
        "02" => reply(400, &[], r#"{"reason": "BadDeviceToken"}"#),
        "03" => reply(429, &[("retry-after", "9")], r#"{"reason": "TooManyRequests"}"#),
        "04" => reply(403, &[], r#"{"reason": "InvalidProviderToken"}"#),
        _ => reply(503, &[], "not even JSON"),
    })
    .await;
    for (token, kind) in
        [("01", K::Gone), ("02", K::Refused), ("03", K::Busy), ("04", K::Unauthorized), ("05", K::Busy)]
    {
        let error = way.push(&request(&phone(token), PushKind::QuestionWaits)).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{token}");
    }
}

#[tokio::test]
async fn a_token_with_a_slash_leads_to_no_other_path() {
    let (way, server, _) = apple(|_| reply(200, &[], "")).await;
    let error = way.push(&request(&phone("../x"), PushKind::QuestionWaits)).await.unwrap_err();
    assert_eq!(error.kind(), K::NotSendable);
    assert!(server.got().is_empty());
}

#[test]
fn an_account_that_cannot_be_used_is_named_by_its_fault() {
    use InvalidApnsAccount as I;
    let made = |key: &str, id: &str, bundle: &str| {
        ApnsAccount::new(&Secret::new(key), id, "TEAM123456", bundle).map(drop)
    };
    let (pem, _) = key();
    assert_eq!(made(&pem, "ABC123DEFG", "com.example.phone"), Ok(()));
    assert_eq!(made("no", "ABC123DEFG", "com.example.phone"), Err(I::Key));
    assert_eq!(made(&pem, "ABC", "com.example.phone"), Err(I::Id));
    assert_eq!(made(&pem, "ABC123DEFG", "a b"), Err(I::Bundle));
}
