//! Trying to get in without deserving it: none of this ever makes a session `active`.

use serde_json::json;

use crate::rig::{Rig, path_of, with_digest};

#[tokio::test]
async fn accepting_after_the_time_is_up() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let session = rig.session("u", "").await;
    let question = rig.questions(&phone).await.pop().unwrap();
    rig.call(&question.pair, "POST", &question.start_url, None).await.ok(200);
    rig.clock.advance(60);
    rig.answer(&question, json!({"accepted": true})).await.is(409, "UNKNOWN_REQUEST");
    rig.call(&question.pair, "POST", &question.start_url, None).await.is(409, "UNKNOWN_REQUEST");
    assert_eq!(rig.status(&session).await, "timeout");
    rig.service.run_due_tasks().await.unwrap();
    rig.answer(&question, json!({"accepted": true})).await.is(409, "UNKNOWN_REQUEST");
    assert_eq!(rig.status(&session).await, "timeout");
    // Nor does a clock that is set back open it again once the end is written down.
    rig.clock.set_back(30);
    assert_eq!(rig.status(&session).await, "timeout");
}

#[tokio::test]
async fn accepting_what_was_declined_logged_out_or_accepted_before() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;

    let declined = rig.session("u", "").await;
    let question = rig.questions(&phone).await.pop().unwrap();
    rig.answer(&question, json!({"accepted": false})).await.ok(200);
    rig.answer(&question, json!({"accepted": true})).await.is(409, "UNKNOWN_REQUEST");
    assert_eq!(rig.status(&declined).await, "cancelled");

    let withdrawn = rig.session("u", "").await;
    let question = rig.questions(&phone).await.pop().unwrap();
    rig.call(&withdrawn.pair, "POST", &withdrawn.logout_url, None).await.ok(200);
    rig.answer(&question, json!({"accepted": true})).await.is(409, "UNKNOWN_REQUEST");
    assert_eq!(rig.status(&withdrawn).await, "closed");

    let ended = rig.session("u", "?duration_seconds=100").await;
    let question = rig.questions(&phone).await.pop().unwrap();
    rig.answer(&question, json!({"accepted": true})).await.ok(200);
    rig.clock.advance(50);
    rig.answer(&question, json!({"accepted": true})).await.is(409, "UNKNOWN_REQUEST");
    rig.clock.advance(50);
    assert_eq!(rig.status(&ended).await, "closed", "a second answer did not prolong it");
    rig.answer(&question, json!({"accepted": true})).await.is(409, "UNKNOWN_REQUEST");
    assert_eq!(rig.status(&ended).await, "closed");
}

#[tokio::test]
async fn accepting_without_saying_so() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let session = rig.session("u", "").await;
    let question = rig.questions(&phone).await.pop().unwrap();
    for body in [
        "",
        "{}",
        r#"{"accepted": "true"}"#,
        r#"{"accepted": 1}"#,
        r#"{"accepted": null}"#,
        "true",
        "[true]",
        r#"{"accepted": false, "accepted": true}"#,
    ] {
        let url = with_digest(&question.identification_url, body);
        rig.call_as_written(&question.pair, "POST", &url, Some(body)).await.is(422, "INVALID_BODY");
        assert_eq!(rig.status(&session).await, "pending", "{body}");
    }
}

#[tokio::test]
async fn a_picture_of_the_question_is_not_its_secret() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let session = rig.session("u", "").await;
    let question = rig.questions(&phone).await.pop().unwrap();
    let mut guessed = question.clone();
    guessed.pair.secret = session.pair.secret.clone();
    rig.answer(&guessed, json!({"accepted": true})).await.is(401, "BAD_SIGNATURE");
    let accept = r#"{"accepted": true}"#;
    let headers = rig.signed(&question.pair, &with_digest(&question.start_url, accept));
    let url = with_digest(&question.identification_url, accept);
    rig.send("POST", path_of(&url), &headers, Some(accept)).await.is(401, "BAD_SIGNATURE");
    rig.send("POST", path_of(&url), &[], Some(accept)).await.is(401, "SIGNATURE_MISSING");
    assert_eq!(rig.status(&session).await, "pending");
}

#[tokio::test]
async fn racing_answers_have_one_outcome() {
    let rig = Rig::start().await;
    for round in 0..20 {
        // Each has denied once at most, so that no start is paused.
        let user = format!("u{round}");
        let phone = rig.phone(&user).await;
        let session = rig.session(&user, "").await;
        let question = rig.questions(&phone).await.pop().unwrap();
        let (yes, no, out) = tokio::join!(
            rig.answer(&question, json!({"accepted": true})),
            rig.answer(&question, json!({"accepted": false})),
            rig.call(&session.pair, "POST", &session.logout_url, None),
        );
        assert_eq!(out.status, 200);
        assert!(yes.status == 409 || no.status == 409, "{yes:?} {no:?}");
        let status = rig.status(&session).await;
        assert!(["cancelled", "closed"].contains(&status.as_str()), "after a logout it is {status}");
    }
}
