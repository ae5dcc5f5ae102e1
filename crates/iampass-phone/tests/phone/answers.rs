use std::time::Duration;

use iampass_core::wire::Reason;
use iampass_phone::PhoneError;
use proptest::prelude::*;
use serde_json::json;

use crate::fake_service::{FakeService, QUESTION_SECRET, link, question, record, request};

/// An answer of the service, and the error that it is to the phone.
#[tokio::test]
async fn only_a_clear_yes_is_one() {
    let service = FakeService::new();
    let account = service.shared_account().await;
    for (status, body, reason) in [
        (200, r#"{"status": false, "reason": "WRONG_CODE"}"#, Some(Reason::WrongCode)),
        (200, r#"{"status": false}"#, None),
        (409, r#"{"status": false, "reason": "UNKNOWN_REQUEST"}"#, Some(Reason::UnknownRequest)),
        (422, r#"{"status": false, "reason": "CODE_REQUIRED"}"#, Some(Reason::CodeRequired)),
        // A status that is no success outweighs what the body says.
        (302, r#"{"status": true}"#, None),
        (404, r#"{"status": true}"#, None),
        (500, "<html>", None),
        (204, "", None),
    ] {
        service.answer(status, body);
        let error = account.show(&request()).await.unwrap_err();
        assert!(matches!(error, PhoneError::Refused { status: told, .. } if told == status), "{error}");
        assert_eq!(error.reason(), reason.as_ref(), "{status} {body}");
    }
    for body in ["", "<html>", "[]", "null", "{}", r#"{"status": "true"}"#, r#"{"status": tru"#] {
        service.answer(200, body);
        let answer = account.show(&request()).await;
        assert!(matches!(answer, Err(PhoneError::Malformed { .. })), "{body}: {answer:?}");
    }
}

#[tokio::test]
async fn no_error_repeats_a_secret() {
    let service = FakeService::new();
    let account = service.shared_account().await;
    for body in [
        json!({"status": false, "reason": QUESTION_SECRET, "message": format!("for {QUESTION_SECRET}")}),
        json!({"status": false, "reason": "UNKNOWN_REQUEST", "message": format!("{}{QUESTION_SECRET}", "x".repeat(190))}),
        json!({"status": QUESTION_SECRET}),
    ] {
        for status in [200, 409] {
            service.answer(status, &body);
            let error = account.show(&request()).await.unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter"), "{error}");
        }
    }
    service.answer(409, json!({"status": false, "message": format!("{}\u{1b}[2J", "y".repeat(500))}));
    let error = account.show(&request()).await.unwrap_err();
    assert!(matches!(error, PhoneError::Refused { message: Some(message), .. } if message.len() == 200));
    assert!(!format!("{:?}", account).contains("hunter"));
}

#[tokio::test]
async fn the_wait_that_the_service_asks_for_is_told() {
    let service = FakeService::new();
    let account = service.shared_account().await;
    service.answer(503, "");
    assert_eq!(account.pending().await.unwrap_err().retry_after(), None);
    // Beyond the list nobody answers.
    let error = account.pending().await.unwrap_err();
    assert!(matches!(&error, PhoneError::Transport(_)) && error.is_retryable());
    assert_eq!(error.retry_after(), None::<Duration>);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_answer_makes_it_panic(status in 100_u16..1000, body: Vec<u8>, cut in 0_usize..2000) {
        use iampass_phone::{Poll, Registration, answers, calls};
        let record = serde_json::from_value(record("https://login.example", true)).unwrap();
        let registration = Registration::new(&link(), record, None).unwrap();
        let call = calls::pending_requests(&registration, &Poll::now()).unwrap();
        let whole = json!({"requests": [question()]}).to_string().into_bytes();
        for body in [body, whole[..cut.min(whole.len())].to_vec()] {
            let answer = http::Response::builder().status(status).body(body).unwrap();
            let _ = answers::read_requests(&call, &answer);
            let _ = answers::read_brought(&call, &answer);
            let _ = answers::read_done(&call, &answer);
            let _ = answers::read_record(&call, &answer);
            let _ = answers::read_sessions(&call, &answer);
            let _ = answers::read_configuration(&call, &answer);
        }
    }
}
