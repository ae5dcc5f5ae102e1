//! A request is done once.

use iampass_core::Secret;
use serde_json::json;

use crate::rig::{Pair, Rig, Session, path_of, sign};

#[tokio::test]
async fn no_request_is_done_twice() {
    let rig = Rig::start().await;
    let url = rig.url(&format!("/management/add_users/{}", rig.app.id));
    let headers = rig.signed(&rig.app, &url);
    let body = json!({"users": ["u"]}).to_string();
    rig.send("POST", path_of(&url), &headers, Some(&body)).await.ok(201);
    rig.send("POST", path_of(&url), &headers, Some(&body)).await.is(403, "NONCE_REPLAYED");
    // Neither method nor body is signed: another call with the same signature is a replay too.
    let other = json!({"users": ["injected"]}).to_string();
    rig.send("POST", path_of(&url), &headers, Some(&other)).await.is(403, "NONCE_REPLAYED");
    rig.clock.advance(300);
    rig.send("POST", path_of(&url), &headers, Some(&body)).await.is(403, "NONCE_REPLAYED");
    rig.clock.advance(1);
    rig.send("POST", path_of(&url), &headers, Some(&body)).await.is(403, "TIMESTAMP_TOO_OLD");
    assert_eq!(rig.add_users(&["injected"]).await["users"]["created"], json!(["injected"]));
}

#[tokio::test]
async fn a_nonce_belongs_to_the_id_that_signed() {
    let rig = Rig::start().await;
    let other = rig.another_application("Other").await;
    for pair in [&rig.app, &other] {
        let url = rig.url(&format!("/management/add_users/{}", pair.id));
        let headers = sign(pair, &url, 7, rig.now());
        rig.send("POST", path_of(&url), &headers, Some(r#"{"users": []}"#)).await.ok(201);
    }
}

#[tokio::test]
async fn a_restart_forgets_no_nonce() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let session = rig.active_session(&phone, "u", "").await;
    let add = format!("/management/add_users/{}", rig.app.id);
    let refused = format!("/authentication/authenticate_user/{}/u?duration_seconds=0", rig.app.id);
    // The host that is signed is the one in the request: after the restart the port is another one, the bytes are the same.
    let host = "kept.example".to_owned();
    let requests: Vec<(Pair, &str, String, Option<&str>, u16)> = vec![
        (rig.app.clone(), "POST", add, Some(r#"{"users": ["v"]}"#), 201),
        (session.pair.clone(), "GET", path_of(&session.status_url).to_owned(), None, 200),
        (rig.app.clone(), "POST", refused, Some("{}"), 422),
    ];
    let mut sent = Vec::new();
    for (pair, method, target, body, status) in requests {
        let mut headers = rig.signed(&pair, &format!("http://{host}{target}"));
        headers.push(("Host", host.clone()));
        let request = bytes(method, &target, &headers, body);
        let answer = rig.raw(&request).await.unwrap();
        assert_eq!(answer.status, status, "{answer:?}");
        sent.push(request);
    }
    let rig = rig.restart().await;
    for request in &sent {
        rig.raw(request).await.unwrap().is(403, "NONCE_REPLAYED");
    }
    // Nor does the end of the window, which is only tidied up.
    rig.clock.advance(300);
    rig.service.run_due_tasks().await.unwrap();
    let rig = rig.restart().await;
    for request in &sent {
        rig.raw(request).await.unwrap().is(403, "NONCE_REPLAYED");
    }
}

#[tokio::test]
async fn a_phone_that_waits_has_spent_its_nonce_already() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let url = format!("{}?wait=20", phone.urls["pending_requests"].as_str().unwrap());
    let headers = sign(&phone.pair, &url, 4_711, rig.now());
    let mut waiting = std::pin::pin!(rig.send("GET", path_of(&url), &headers, None));
    for _ in 0..200 {
        let still = tokio::time::timeout(std::time::Duration::from_millis(10), &mut waiting).await;
        assert!(still.is_err(), "it waits");
        if rig.store.has_nonce_of_a_read(&phone.pair.id, 4_711) {
            return;
        }
    }
    panic!("it waits for two seconds and its nonce is not stored");
}

/// A request as it goes over the wire, with a host of its own choice.
pub(crate) fn bytes(method: &str, target: &str, headers: &[(&str, String)], body: Option<&str>) -> Vec<u8> {
    let mut request = format!("{method} {target} HTTP/1.1\r\nConnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    let body = body.unwrap_or_default();
    request.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    request.into_bytes()
}

#[tokio::test]
async fn many_copies_at_once_are_done_once() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    drop(phone);
    let url = rig.url(&format!("/authentication/authenticate_user/{}/u", rig.app.id));
    let headers = rig.signed(&rig.app, &url);
    let copies = (0..32).map(|_| rig.send("POST", path_of(&url), &headers, Some("{}")));
    let answers = futures_util::future::join_all(copies).await;
    let done = answers.iter().filter(|answer| answer.status == 202).count();
    let replayed = answers.iter().filter(|answer| answer.status == 403).count();
    assert_eq!((done, replayed), (1, 31));
}

#[tokio::test]
async fn a_full_window_asks_for_patience_and_forgets_nothing() {
    // A quarter of the window is for others.
    let rig = Rig::with(|config| config.limits.remembered_nonces = 12).await;
    let url = rig.url(&format!("/management/add_users/{}", rig.app.id));
    let first = rig.signed(&rig.app, &url);
    let body = Some(r#"{"users": []}"#);
    rig.send("POST", path_of(&url), &first, body).await.ok(201);
    for _ in 0..8 {
        rig.add_users(&[]).await;
    }
    let full = rig.send("POST", path_of(&url), &rig.signed(&rig.app, &url), body).await;
    full.is(429, "TOO_MANY_REQUESTS");
    assert!(full.header("retry-after").is_some());
    rig.send("POST", path_of(&url), &first, body).await.is(403, "NONCE_REPLAYED");
    // Only who holds a secret can fill it.
    let stranger = Pair { id: rig.app.id.clone(), secret: Secret::new("x") };
    rig.get(&stranger, &url).await.is(405, "METHOD_NOT_ALLOWED");
    rig.clock.advance(301);
    rig.add_users(&[]).await;
}

/// Room for 24 nonces, of which 6 are kept for others.
async fn rig_with_little_room() -> Rig {
    Rig::with(|config| config.limits.remembered_nonces = 24).await
}

/// Asks how the sessions are, each in turn, until there is no room; how often there was some.
async fn fill(rig: &Rig, sessions: &[Session]) -> usize {
    for (asked, session) in sessions.iter().cycle().take(30).enumerate() {
        let answer = rig.get(&session.pair, &session.status_url).await;
        if answer.status == 429 {
            return asked;
        }
        answer.ok(200);
    }
    panic!("there is no end to the room");
}

#[tokio::test]
async fn an_application_takes_the_room_of_no_other_by_its_sessions() {
    let rig = rig_with_little_room().await;
    let other = rig.another_application("Other").await;
    let phone = rig.phone("u").await;
    let sessions = [rig.session("u", "").await, rig.session("u", "").await];
    rig.clock.advance(200);
    // Earlier requests have their places too: a user, a link, two logins.
    assert_eq!(fill(&rig, &sessions).await, 14);
    let add = rig.url(&format!("/management/add_users/{}", rig.app.id));
    rig.post(&rig.app, &add, json!({"users": []})).await.is(429, "TOO_MANY_REQUESTS");
    // Nor is its user's phone kept from answering.
    assert_eq!(rig.questions(&phone).await.len(), 0, "both questions are over");
    let add = rig.url(&format!("/management/add_users/{}", other.id));
    for _ in 0..5 {
        rig.post(&other, &add, json!({"users": []})).await.ok(201);
    }
    rig.post(&other, &add, json!({"users": []})).await.is(429, "TOO_MANY_REQUESTS");
    rig.clock.advance(301);
    rig.get(&sessions[0].pair, &sessions[0].status_url).await.ok(200);
}
