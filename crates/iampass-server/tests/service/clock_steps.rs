//! A wall clock that makes steps: nothing is replayed, and no more is refused than has to be.

use std::time::Duration;

use serde_json::{Value, json};

use crate::replay::bytes;
use crate::rig::{Rig, path_of};
use crate::store::on_postgres;

/// The report of `/readyz` on the clock, and its status. A database has a clock of its own, which does not step with the test's.
async fn clock(rig: &Rig) -> (u16, Value) {
    // A disk that is busy makes a node not ready for a moment, whatever its clock. It is looked at once a second.
    for _ in 0..30 {
        let answer = rig.send("GET", "/readyz", &[], None).await;
        if answer.json["store"] == "ok" {
            return (answer.status, answer.json["clock"].clone());
        }
        tokio::time::sleep(Duration::from_millis(1_100)).await;
    }
    panic!("the store is not ready");
}

fn expected(status: u16, clock: &str) -> (u16, Value) {
    if on_postgres() { (503, json!("off_from_store")) } else { (status, json!(clock)) }
}

#[tokio::test]
async fn a_step_ahead_that_is_taken_back_refuses_replays_and_no_other_call() {
    let rig = Rig::start().await;
    let url = rig.url(&format!("/management/add_users/{}", rig.app.id));
    let body = Some(r#"{"users": ["u"]}"#);
    let before = rig.signed(&rig.app, &url);
    rig.send("POST", path_of(&url), &before, body).await.ok(201);
    rig.clock.step_ahead(3_600);
    let ahead = rig.signed(&rig.app, &url);
    rig.send("POST", path_of(&url), &ahead, body).await.ok(201);
    rig.service.run_due_tasks().await.unwrap();
    assert_eq!(clock(&rig).await, expected(200, "stepped_ahead"));

    // In this order: the service's own timer is not to tidy up by the clock that is ahead while it is set back.
    rig.clock.set_back(3_600);
    rig.clock.advance(10);
    rig.add_users(&["v"]).await;
    assert_eq!(clock(&rig).await, expected(200, "ok"));
    let replayed = rig.send("POST", path_of(&url), &before, body).await;
    assert!(matches!(replayed.status, 403 | 503), "{replayed:?}");
    rig.send("POST", path_of(&url), &ahead, body).await.is(403, "TIMESTAMP_TOO_NEW");
    // When that time comes, what was used in it is still known.
    rig.clock.advance(3_590);
    rig.send("POST", path_of(&url), &ahead, body).await.is(403, "NONCE_REPLAYED");
    rig.add_users(&["w"]).await;
}

#[tokio::test]
async fn a_clock_that_is_set_back_blames_no_caller_and_makes_the_node_unready() {
    let rig = Rig::start().await;
    for _ in 0..20 {
        rig.clock.advance(100);
        rig.add_users(&[]).await;
    }
    rig.clock.set_back(1_000);
    let url = rig.url(&format!("/management/add_users/{}", rig.app.id));
    rig.post(&rig.app, &url, json!({"users": []})).await.is(503, "UNAVAILABLE");
    assert_eq!(clock(&rig).await, expected(503, "set_back"));
    // Requests signed before the last of the window are forgotten; after it, all are known.
    rig.clock.advance(700);
    rig.add_users(&[]).await;
    assert_eq!(clock(&rig).await, expected(200, "ok"));
}

#[tokio::test]
async fn a_machine_that_was_suspended_lets_nothing_in_that_ended_meanwhile() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let session = rig.active_session(&phone, "u", "?duration_seconds=600").await;
    rig.add_users(&["v"]).await;
    let url = rig.url(&format!("/management/device_registration_link/{}/v", rig.app.id));
    let link = rig.get(&rig.app, &url).await.ok(200)["register_url"].as_str().unwrap().to_owned();
    rig.clock.step_ahead(8 * 86_400);
    assert_eq!(rig.status(&session).await, "closed");
    assert_eq!(clock(&rig).await, expected(200, "stepped_ahead"));
    let body = json!({"notification_token": "*test", "platform": "web"}).to_string();
    let refused = rig.send("POST", path_of(&link), &[], Some(&body)).await;
    assert_eq!(refused.status, 404, "{refused:?}");
    // It stays, and is held to be right.
    rig.clock.advance(700);
    assert_eq!(clock(&rig).await.1, if on_postgres() { json!("off_from_store") } else { json!("ok") });
    assert_eq!(rig.status(&session).await, "closed");
}

#[tokio::test]
async fn a_start_while_the_clock_is_ahead_refuses_nothing_but_replays_when_it_is_right_again() {
    let rig = Rig::start().await;
    // The port is another one after each start, and the signed host is not.
    let (host, target) = ("kept.example", format!("/management/add_users/{}", rig.app.id));
    let signed = |rig: &Rig| {
        let mut headers = rig.signed(&rig.app, &format!("http://{host}{target}"));
        headers.push(("Host", host.to_owned()));
        bytes("POST", &target, &headers, Some(r#"{"users": ["u"]}"#))
    };
    let before = signed(&rig);
    rig.raw(&before).await.unwrap().ok(201);
    rig.clock.step_ahead(3_600);
    let rig = rig.restart().await;
    let ahead = signed(&rig);
    rig.raw(&ahead).await.unwrap().ok(201);
    // Nonces used before the step are deleted now.
    rig.service.run_due_tasks().await.unwrap();

    rig.clock.set_back(3_600);
    rig.clock.advance(10);
    rig.add_users(&["v"]).await;
    assert_eq!(clock(&rig).await, expected(200, "set_back"));
    let replayed = rig.raw(&before).await.unwrap();
    assert!(matches!(replayed.status, 403 | 503), "{replayed:?}");
    rig.raw(&ahead).await.unwrap().is(403, "TIMESTAMP_TOO_NEW");

    let rig = rig.restart().await;
    rig.add_users(&["w"]).await;
    assert_eq!(clock(&rig).await, expected(200, "ok"));
    let replayed = rig.raw(&before).await.unwrap();
    assert!(matches!(replayed.status, 403 | 503), "{replayed:?}");
    // When that time comes, what was used in it is still known.
    rig.clock.advance(3_590);
    rig.raw(&ahead).await.unwrap().is(403, "NONCE_REPLAYED");
    rig.add_users(&["x"]).await;
}
