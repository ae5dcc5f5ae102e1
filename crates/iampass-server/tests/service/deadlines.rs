//! Changes that time makes by itself, with and without a timer that comes around.

use serde_json::json;

use crate::rig::Rig;

#[tokio::test]
async fn a_question_that_nobody_answers_times_out() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let (pending, identifying) = (rig.session("u", "").await, rig.session("u", "").await);
    let questions = rig.questions(&phone).await;
    rig.call(&questions[1].pair, "POST", &questions[1].start_url, None).await.ok(200);
    rig.clock.advance(59);
    assert_eq!(rig.status(&pending).await, "pending");
    assert_eq!(rig.status(&identifying).await, "identifying");
    rig.clock.advance(1);
    for caught_up in [false, true] {
        if caught_up {
            rig.service.run_due_tasks().await.unwrap();
        }
        assert_eq!(rig.status(&pending).await, "timeout");
        assert_eq!(rig.status(&identifying).await, "timeout");
        assert!(rig.questions(&phone).await.is_empty());
    }
}

#[tokio::test]
async fn a_session_ends_its_duration_after_it_was_activated() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let session = rig.session("u", "?duration_seconds=100").await;
    rig.clock.advance(50);
    let question = rig.questions(&phone).await.pop().unwrap();
    rig.answer(&question, json!({"accepted": true})).await.ok(200);
    rig.clock.advance(99);
    assert_eq!(rig.status(&session).await, "active");
    rig.clock.advance(1);
    for caught_up in [false, true] {
        if caught_up {
            rig.service.run_due_tasks().await.unwrap();
        }
        assert_eq!(rig.status(&session).await, "closed");
        assert!(rig.active_sessions(&phone).await.is_empty());
    }
}

#[tokio::test]
async fn a_walk_does_not_prolong_a_session() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let session = rig.active_session(&phone, "u", "?duration_seconds=100").await;
    let listed = rig.active_sessions(&phone).await[0].clone();
    rig.clock.advance(60);
    rig.call(&phone.pair, "POST", listed["walkaway_url"].as_str().unwrap(), None).await.ok(200);
    rig.clock.advance(40);
    assert_eq!(rig.status(&session).await, "closed");
    let back = listed["return_url"].as_str().unwrap();
    rig.call(&phone.pair, "POST", back, None).await.is(409, "UNKNOWN_SESSION");
    assert_eq!(rig.status(&session).await, "closed");
}

#[tokio::test]
async fn ended_sessions_are_reported_for_a_month_and_then_forgotten() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let session = rig.active_session(&phone, "u", "").await;
    rig.call(&session.pair, "POST", &session.logout_url, None).await.ok(200);
    rig.clock.advance(30 * 24 * 3_600);
    rig.service.run_due_tasks().await.unwrap();
    assert_eq!(rig.status(&session).await, "closed");
    rig.clock.advance(1);
    rig.service.run_due_tasks().await.unwrap();
    rig.get(&session.pair, &session.status_url).await.is(404, "UNKNOWN_SESSION");
}

/// The real timer on the real clock, once: everything else is tested without sleeping.
#[tokio::test]
async fn the_timer_writes_deadlines_down_by_itself() {
    let rig = Rig::with(|config| {
        config.clock = iampass_server::ServiceConfig::temporary().clock;
        // Long enough for a busy machine to see the question before its time is up.
        config.answer_timeout = std::time::Duration::from_secs(10);
    })
    .await;
    // The rig signs by its own clock, so that this phone is registered and asked with the real time.
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    if seconds > crate::rig::START {
        rig.clock.advance(seconds - crate::rig::START);
    } else {
        rig.clock.set_back(crate::rig::START - seconds);
    }
    let phone = rig.phone("u").await;
    rig.session("u", "").await;
    let known = rig.questions(&phone).await.iter().map(|q| q.pair.id.clone()).collect::<Vec<_>>().join(",");
    assert!(!known.is_empty());
    let url = format!("{}?wait=20&known={known}", phone.urls["pending_requests"].as_str().unwrap());
    let started = std::time::Instant::now();
    let answer = rig.get(&phone.pair, &url).await.ok(200);
    assert_eq!(answer["requests"], json!([]));
    assert!(started.elapsed().as_secs() < 18, "the timer woke the phone, not the end of its wait");
}
