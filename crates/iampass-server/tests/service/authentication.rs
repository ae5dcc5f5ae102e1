use serde_json::json;

use crate::rig::Rig;

#[tokio::test]
async fn a_login_from_the_question_to_the_logout() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let answer = rig.authenticate("u", "?methods=acceptance&duration_seconds=60").await.ok(202);
    let status = &answer["authentication_status"];
    assert_eq!(status["authenticated"], true);
    assert_eq!(status["session_status"], "pending");
    assert_eq!(status["reason"], json!(null));
    assert_eq!(status["session_token"].as_str().unwrap().len(), 40);
    assert_eq!(status["session_secret"].as_str().unwrap().len(), 32);
    assert_eq!(status["duration_seconds"], 60);

    let session = rig.session("u", "").await;
    assert_eq!(rig.status(&session).await, "pending");
    let question = rig.questions(&phone).await.pop().unwrap();
    assert_eq!(question.json["application_name"], "Shop");
    assert_eq!(question.json["user_id"], "u");
    rig.call(&question.pair, "POST", &question.start_url, None).await.ok(200);
    assert_eq!(rig.status(&session).await, "identifying");
    rig.answer(&question, json!({"accepted": true})).await.ok(200);
    assert_eq!(rig.status(&session).await, "active");
    for _ in 0..2 {
        let answer = rig.call(&session.pair, "POST", &session.logout_url, None).await;
        assert_eq!(answer.ok(200), json!({"status": true}), "and again");
        assert_eq!(rig.status(&session).await, "closed");
    }
}

#[tokio::test]
async fn without_a_phone_nothing_is_started() {
    let rig = Rig::start().await;
    rig.add_users(&["u"]).await;
    let answer = rig.authenticate("u", "?methods=").await.ok(200);
    assert_eq!(answer["authentication_status"]["authenticated"], false);
    assert_eq!(answer["authentication_status"]["reason"], "NO_MOBILE_DEVICE");
    let answer = rig.authenticate("nobody", "").await.ok(200);
    assert_eq!(answer["authentication_status"]["authenticated"], false);
    assert_eq!(answer["authentication_status"]["reason"], "UNKNOWN_USER");
}

#[tokio::test]
async fn bad_parameters_are_refused_with_their_reason() {
    let rig = Rig::start().await;
    rig.phone("u").await;
    for query in [
        "?methods=voice",
        "?methods=acceptance%20,device",
        "?methods=acceptance&methods=device",
        "?methods=%ff",
    ] {
        rig.authenticate("u", query).await.is(422, "INVALID_METHODS");
    }
    for value in ["-5", "True", "0", "1.5", "", "2592001", "99999999999999999999", "+5"] {
        rig.authenticate("u", &format!("?duration_seconds={value}")).await.is(422, "INVALID_DURATION");
    }
    rig.authenticate("u", "?methods=acceptance%2Cacceptance&duration_seconds=2592000&x=y").await.ok(202);
    rig.authenticate("u", "?methods=").await.ok(202);
}

#[tokio::test]
async fn a_denied_login_is_cancelled_and_stays_so() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let session = rig.session("u", "").await;
    let question = rig.questions(&phone).await.pop().unwrap();
    rig.answer(&question, json!({"accepted": false})).await.ok(200);
    assert_eq!(rig.status(&session).await, "cancelled");
    rig.call(&session.pair, "POST", &session.logout_url, None).await.ok(200);
    assert_eq!(rig.status(&session).await, "cancelled");
}

#[tokio::test]
async fn five_questions_may_wait_and_the_sixth_is_told_when_to_come_back() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let first = rig.session("u", "").await;
    rig.clock.advance(10);
    for _ in 0..4 {
        rig.session("u", "").await;
    }
    let refused = rig.authenticate("u", "").await;
    refused.is(429, "TOO_MANY_REQUESTS");
    assert_eq!(refused.header("retry-after"), Some("50"));
    assert_eq!(rig.questions(&phone).await.len(), 5, "the older ones stay");
    rig.call(&first.pair, "POST", &first.logout_url, None).await.ok(200);
    rig.session("u", "").await;
}

#[tokio::test]
async fn a_session_outlives_its_user_as_an_ended_one() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let active = rig.active_session(&phone, "u", "").await;
    let pending = rig.session("u", "").await;
    let url = rig.url(&format!("/management/delete_users/{}", rig.app.id));
    rig.post(&rig.app, &url, json!({"users": ["u"]})).await.ok(200);
    for _ in 0..2 {
        assert_eq!(rig.status(&active).await, "closed");
        assert_eq!(rig.status(&pending).await, "cancelled");
        rig.clock.advance(29 * 24 * 3_600);
        rig.service.run_due_tasks().await.unwrap();
    }
}
