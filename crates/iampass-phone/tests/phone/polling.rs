use std::time::{Duration, Instant};

use iampass_phone::PhoneError;
use serde_json::json;

use crate::fake_service::{DEVICE_SECRET, FakeService, assert_signed, question};

#[tokio::test]
async fn a_wait_ends_with_the_question_that_is_wanted() {
    let service = FakeService::new();
    let (account, _) = service.account().await;
    let other = {
        let mut other = question();
        other["auth_request_id"] = "other".into();
        other
    };
    service.answer(200, json!({"requests": [other]}));
    service.answer(200, json!({"requests": [other, question()]}));
    let wanted = account
        .next_request(Duration::from_secs(30), |request| request.auth_request_id.as_str() != "other")
        .await
        .unwrap();
    assert_eq!(wanted.unwrap().auth_request_id.as_str(), "Q");
    let sent = service.sent();
    let urls: Vec<_> = sent.iter().map(|request| request.uri().to_string()).collect();
    let url = "https://login.example/device/D/pending_requests";
    assert_eq!(urls, [url.to_owned(), format!("{url}?wait=8&known=other")]);
    for request in &sent {
        assert_eq!(request.method(), http::Method::GET);
        assert_signed(request, "D", DEVICE_SECRET);
    }
}

#[tokio::test]
async fn without_patience_there_is_one_poll() {
    let service = FakeService::new();
    let (account, _) = service.account().await;
    service.answer(200, json!({"requests": []}));
    assert!(account.next_request(Duration::ZERO, |_| true).await.unwrap().is_none());
    assert_eq!(service.sent().len(), 1);
}

#[tokio::test]
async fn a_service_that_answers_at_once_is_not_asked_without_pause() {
    let service = FakeService::new();
    let (account, _) = service.account().await;
    for _ in 0..40 {
        service.answer(200, json!({"requests": []}));
    }
    let begun = Instant::now();
    let patience = Duration::from_millis(300);
    assert!(account.next_request(patience, |_| true).await.unwrap().is_none());
    assert!(begun.elapsed() >= patience);
    let polls = service.sent().len();
    assert!((2..=9).contains(&polls), "{polls}");
}

#[tokio::test]
async fn after_a_failure_the_next_poll_waits() {
    let service = FakeService::new();
    let (account, _) = service.account().await;
    let mut questions = account.questions();
    service.answer(503, "");
    assert!(questions.next().await.unwrap_err().is_retryable());
    service.answer(200, json!({"requests": [question()]}));
    let begun = Instant::now();
    assert_eq!(questions.next().await.unwrap().len(), 1);
    assert!(begun.elapsed() >= Duration::from_millis(300), "{:?}", begun.elapsed());
    // An error that stays is told each time.
    service.answer(401, json!({"status": false, "reason": "UNKNOWN_DEVICE"}));
    let error = questions.next().await.unwrap_err();
    assert!(matches!(error, PhoneError::Refused { status: 401, .. }) && !error.is_retryable());
}
