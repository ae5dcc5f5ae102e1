//! The operators' view of the service: how it is, what it counts, and the names of requests.

use std::net::SocketAddr;

use iampass_core::Secret;
use serde_json::json;

use crate::rig::{Pair, Rig, send_to};
use crate::store::{on_postgres, ready_status};

/// The counter or gauge with these labels, as Prometheus reads it.
pub(crate) fn figure(text: &str, name: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

/// `/metrics`, where this machine may read it.
pub(crate) async fn metrics_of(rig: &Rig) -> String {
    let answer = rig.send("GET", "/metrics", &[], None).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    answer.body
}

#[tokio::test]
async fn it_lives_and_is_ready() {
    let rig = Rig::start().await;
    assert_eq!(rig.send("GET", "/healthz", &[], None).await.ok(200), json!({"status": true}));
    let ready = rig.send("GET", "/readyz", &[], None).await;
    if on_postgres() {
        // A database has a clock of its own, which is not the one of this test.
        assert_eq!(ready.status, 503);
        let off = json!({"status": false, "store": "ok", "clock": "off_from_store", "stopping": false});
        assert_eq!(ready.json, off);
    } else {
        assert_eq!(ready.ok(200), json!({"status": true, "store": "ok", "clock": "ok", "stopping": false}));
    }
    rig.send("POST", "/readyz", &[], None).await.is(405, "METHOD_NOT_ALLOWED");
}

#[tokio::test]
async fn metrics_count_what_was_done_by_route() {
    let rig = Rig::with(|config| config.metrics.from_this_machine = true).await;
    rig.add_users(&["u"]).await;
    let forger = Pair { id: rig.app.id.clone(), secret: Secret::new("wrong") };
    rig.get(&forger, &rig.url("/authentication/session/a-token/status")).await.is(401, "UNKNOWN_ID");
    rig.send("GET", "/no/such/path", &[], None).await.is(404, "NOT_FOUND");
    rig.send("BREW", "/phone", &[], None).await.is(405, "METHOD_NOT_ALLOWED");
    let text = metrics_of(&rig).await;
    let requests = |labels: &str| figure(&text, &format!("iampass_http_requests_total{{{labels}}}"));
    let added = r#"route="/management/add_users/{app}",method="POST",status="2xx""#;
    assert_eq!(requests(added), Some(1.0), "{text}");
    let refused = r#"route="/authentication/session/{token}/status",method="GET",status="4xx""#;
    assert_eq!(requests(refused), Some(1.0));
    assert_eq!(requests(r#"route="(none)",method="GET",status="4xx""#), Some(1.0));
    assert_eq!(requests(r#"route="/phone",method="other",status="4xx""#), Some(1.0));
    let took = r#"iampass_http_request_duration_seconds_count{route="/management/add_users/{app}"}"#;
    assert_eq!(figure(&text, took), Some(1.0));
    assert!(text.contains(concat!(r#"iampass_build_info{version=""#, env!("CARGO_PKG_VERSION"))), "{text}");
    assert!(figure(&text, "iampass_connections_open").unwrap() >= 1.0);
    // Nothing of a request is in it.
    for secret in ["a-token", "no/such", &rig.app.id, "BREW"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn metrics_are_for_nobody_unless_it_is_set() {
    let rig = Rig::start().await;
    rig.send("GET", "/metrics", &[], None).await.is(404, "NOT_FOUND");

    let rig = Rig::with(|config| config.metrics.token = Some(Secret::new("for-prometheus"))).await;
    rig.send("GET", "/metrics", &[], None).await.is(404, "NOT_FOUND");
    let with = |token: &str| [("Authorization", format!("Bearer {token}"))];
    rig.send("GET", "/metrics", &with("for-prometheu"), None).await.is(404, "NOT_FOUND");
    assert_eq!(rig.send("GET", "/metrics", &with("for-prometheus"), None).await.status, 200);

    let rig = Rig::with(|config| config.metrics.from_this_machine = true).await;
    let forwarded = [("X-Forwarded-For", "10.0.0.1".to_owned())];
    rig.send("GET", "/metrics", &forwarded, None).await.is(404, "NOT_FOUND");
}

#[tokio::test]
async fn metrics_have_an_address_of_their_own_if_wanted() {
    // Free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let rig = Rig::with(|config| config.metrics.listen = Some(free)).await;
    let ask = async |address: SocketAddr, path: &str| {
        send_to(address, "GET", path, &[], None).await.expect("an answer").status
    };
    // Serving begins in a task.
    assert_eq!(ask(rig.address, "/healthz").await, 200);
    assert_eq!(ask(free, "/metrics").await, 200);
    assert_eq!(ask(free, "/readyz").await, ready_status());
    assert_eq!(ask(free, "/management/add_users/a").await, 404);
    assert_eq!(ask(rig.address, "/metrics").await, 404);
    rig.stop().await;
    assert!(tokio::net::TcpStream::connect(free).await.is_err(), "it ends with the service");
}

#[tokio::test]
async fn every_request_has_a_name_and_nobody_else_gives_it() {
    let rig = Rig::start().await;
    let own = [("X-Request-Id", "mine".to_owned())];
    let mut names = std::collections::BTreeSet::new();
    for path in ["/phone", "/no/such/path", "/authentication/session/t/status", "/healthz"] {
        let answer = rig.send("GET", path, &own, None).await;
        let name = answer.header("x-request-id").unwrap();
        assert!(name.len() == 16 && name.bytes().all(|digit| digit.is_ascii_hexdigit()), "{name}");
        assert!(names.insert(name.to_owned()));
        assert_eq!(answer.head.to_lowercase().matches("x-request-id").count(), 1);
    }
}

#[tokio::test]
async fn metrics_tell_what_became_of_logins() {
    let rig = Rig::with(|config| config.metrics.from_this_machine = true).await;
    let phone = rig.phone("u").await;
    for answer in [json!({"accepted": true}), json!({"accepted": false})] {
        rig.session("u", "").await;
        let question = rig.questions(&phone).await.pop().unwrap();
        rig.answer(&question, answer.clone()).await.ok(200);
        // The same answer again is no second one.
        rig.answer(&question, answer).await;
    }
    rig.session("u", "").await;
    rig.session("u", "").await;
    rig.clock.advance(61);
    rig.service.run_due_tasks().await.unwrap();
    rig.service.run_due_tasks().await.unwrap();
    let text = metrics_of(&rig).await;
    for (event, count) in
        [("started", 4.0), ("accepted", 1.0), ("declined", 1.0), ("failed", 0.0), ("timed_out", 2.0)]
    {
        assert_eq!(
            figure(&text, &format!(r#"iampass_logins_total{{event="{event}"}}"#)),
            Some(count),
            "{event}: {text}"
        );
    }
    assert_eq!(figure(&text, "iampass_sessions_live"), Some(1.0));
    assert!(figure(&text, "iampass_store_commits_total").unwrap() >= 8.0);
    // A data file has one writer; what waits for PostgreSQL waits there.
    if text.contains("store_changes_waiting") {
        assert_eq!(figure(&text, "iampass_store_changes_waiting"), Some(0.0));
        assert!(figure(&text, "iampass_store_changes_per_commit_sum").unwrap() >= 8.0);
    }
    assert!(figure(&text, "iampass_nonces_remembered").unwrap() >= 8.0);
}
