//! How often callers may do what, and that nobody can use up what is another one's.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use iampass_core::Secret;
use iampass_server::{Rate, RateLimits, ServiceConfig, TrustedProxies};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpSocket;

use crate::rig::{Answer, Pair, Rig, path_of};

/// Three at once, and one more each 30 seconds.
const FEW: Option<Rate> = Some(Rate { burst: 3, every: Duration::from_secs(30) });

async fn with(limit: impl FnOnce(&mut RateLimits)) -> Rig {
    Rig::with(|config: &mut ServiceConfig| {
        config.rates = RateLimits::off();
        limit(&mut config.rates);
    })
    .await
}

#[track_caller]
fn is_too_many(answer: &Answer, seconds: &str) {
    answer.is(429, "TOO_MANY_REQUESTS");
    assert_eq!(answer.header("retry-after"), Some(seconds));
}

#[tokio::test]
async fn refused_requests_are_counted_for_their_address_and_good_ones_pass() {
    let rig = with(|limits| limits.per_address_failures = FEW).await;
    let url = rig.url(&format!("/management/add_users/{}", rig.app.id));
    let forger = Pair { id: rig.app.id.clone(), secret: Secret::new("wrong") };
    let add = || json!({"users": ["u"]});
    for _ in 0..3 {
        rig.post(&forger, &url, add()).await.is(401, "BAD_SIGNATURE");
    }
    is_too_many(&rig.post(&forger, &url, add()).await, "30");
    // Of whatever kind they are.
    let nobody = Pair { id: "nobody".into(), secret: Secret::new("s") };
    is_too_many(&rig.get(&nobody, &rig.url("/authentication/session/nobody/status")).await, "30");
    is_too_many(&rig.send("GET", "/device/d/pending_requests", &[], None).await, "30");
    is_too_many(&rig.send("POST", "/r/none", &[], Some("{}")).await, "30");
    // Those who share the address are not locked out.
    rig.post(&rig.app, &url, add()).await.ok(201);
    // And another address is not concerned.
    let request = format!("POST {} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", path_of(&url));
    let answer = from_another_address(rig.address, &request).await;
    answer.is(401, "SIGNATURE_MISSING");

    rig.clock.advance(29);
    is_too_many(&rig.post(&forger, &url, add()).await, "1");
    rig.clock.advance(1);
    rig.post(&forger, &url, add()).await.is(401, "BAD_SIGNATURE");
    is_too_many(&rig.post(&forger, &url, add()).await, "30");
}

#[tokio::test]
async fn links_cannot_be_guessed_at_will_and_good_ones_are_not_counted() {
    let rig = with(|limits| limits.per_address_failures = FEW).await;
    for user in ["a", "b", "c", "d", "e"] {
        rig.phone(user).await;
    }
    let registration = json!({"notification_token": "*test", "platform": "web"}).to_string();
    for guess in ["1", "2", "3"] {
        let answer = rig.send("POST", &format!("/r/{guess}"), &[], Some(&registration)).await;
        answer.is(404, "LINK_NOT_VALID");
    }
    is_too_many(&rig.send("POST", "/r/4", &[], Some(&registration)).await, "30");
    // Those who share the address are not locked out.
    rig.phone("f").await;
    is_too_many(&rig.send("POST", "/r/4", &[], Some(&registration)).await, "30");
    rig.clock.advance(30);
    rig.send("POST", "/r/4", &[], Some(&registration)).await.is(404, "LINK_NOT_VALID");
}

#[tokio::test]
async fn a_proxy_here_that_is_not_named_is_not_counted_for_all_who_come_through_it() {
    let rig = with(|limits| limits.per_address_failures = FEW).await;
    let guess = |headers: Vec<(&'static str, String)>| {
        let registration = json!({"notification_token": "*test", "platform": "web"}).to_string();
        let rig = &rig;
        async move { rig.send("POST", "/r/guess", &headers, Some(&registration)).await }
    };
    let forwarded = |from: u8| vec![("X-Forwarded-For", format!("198.51.100.{from}"))];
    for from in 0..10 {
        guess(forwarded(from)).await.is(404, "LINK_NOT_VALID");
    }
    // A call that comes without a proxy is counted.
    for _ in 0..3 {
        guess(Vec::new()).await.is(404, "LINK_NOT_VALID");
    }
    is_too_many(&guess(Vec::new()).await, "30");

    let rig = Rig::with(|config: &mut ServiceConfig| {
        config.rates = RateLimits::off();
        config.rates.per_address_failures = FEW;
        config.proxies.trusted = TrustedProxies::parse(["127.0.0.0/8"]).unwrap();
    })
    .await;
    let registration = json!({"notification_token": "*test", "platform": "web"}).to_string();
    for _ in 0..3 {
        let answer = rig.send("POST", "/r/guess", &forwarded(1), Some(&registration)).await;
        answer.is(404, "LINK_NOT_VALID");
    }
    is_too_many(&rig.send("POST", "/r/guess", &forwarded(1), Some(&registration)).await, "30");
    rig.send("POST", "/r/guess", &forwarded(2), Some(&registration)).await.is(404, "LINK_NOT_VALID");
}

async fn from_another_address(to: SocketAddr, request: &str) -> Answer {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::new(127, 0, 0, 2), 0).into()).unwrap();
    let mut stream = socket.connect(to).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let json = serde_json::from_str(body).unwrap();
    Answer { status, head: head.to_owned(), body: body.to_owned(), json }
}

#[tokio::test]
async fn an_application_has_its_own_limit_and_strangers_cannot_use_it_up() {
    let rig = with(|limits| limits.per_application = FEW).await;
    let other = rig.another_application("Other").await;
    let url = |app: &Pair| rig.url(&format!("/management/add_users/{}", app.id));
    let add = || json!({"users": ["u"]});
    let forger = Pair { id: rig.app.id.clone(), secret: Secret::new("wrong") };
    for _ in 0..10 {
        rig.post(&forger, &url(&rig.app), add()).await.is(401, "BAD_SIGNATURE");
        // Signed well, but by another one.
        rig.post(&other, &url(&rig.app), add()).await.is(401, "NOT_YOURS");
    }
    // A replay of a request recorded on the way is no new call.
    let headers = rig.signed(&rig.app, &url(&rig.app));
    let body = add().to_string();
    let again = async || rig.send("POST", path_of(&url(&rig.app)), &headers, Some(&body)).await;
    again().await.ok(201);
    for _ in 0..10 {
        again().await.is(403, "NONCE_REPLAYED");
    }
    for _ in 0..2 {
        rig.post(&rig.app, &url(&rig.app), add()).await.ok(201);
    }
    is_too_many(&rig.post(&rig.app, &url(&rig.app), add()).await, "30");
    rig.post(&other, &url(&other), add()).await.ok(201);
    rig.clock.advance(30);
    rig.post(&rig.app, &url(&rig.app), add()).await.ok(201);
}

#[tokio::test]
async fn an_address_has_a_limit_for_good_calls_of_whatever_application() {
    let rig = with(|limits| limits.per_address = FEW).await;
    let other = rig.another_application("Other").await;
    let url = |app: &Pair| rig.url(&format!("/management/add_users/{}", app.id));
    for app in [&rig.app, &other, &rig.app] {
        rig.post(app, &url(app), json!({"users": ["u"]})).await.ok(201);
    }
    is_too_many(&rig.post(&other, &url(&other), json!({"users": ["u"]})).await, "30");
    let headers = rig.signed(&other, &url(&other));
    let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let request = format!(
        "POST {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{lines}Content-Length: 15\r\n\r\n{{\"users\":[\"u\"]}}",
        path_of(&url(&other)),
        rig.address
    );
    from_another_address(rig.address, &request).await.ok(201);
}

#[tokio::test]
async fn a_user_is_asked_and_gets_links_only_so_often() {
    let rig = with(|limits| {
        limits.per_user_starts = FEW;
        limits.per_user_links = FEW;
    })
    .await;
    let phone = rig.phone("u").await;
    let url = |call: &str, user: &str| rig.url(&format!("/management/{call}/{}/{user}", rig.app.id));
    for _ in 0..3 {
        let session = rig.session("u", "").await;
        rig.post(&session.pair, &session.logout_url, json!({})).await.ok(200);
    }
    is_too_many(&rig.authenticate("u", "").await, "30");
    assert!(rig.questions(&phone).await.is_empty(), "the phone hears nothing of it");
    rig.phone("v").await;
    rig.session("v", "").await;

    // One was for the phone.
    for _ in 0..2 {
        rig.get(&rig.app, &url("device_registration_link", "u")).await.ok(200);
    }
    is_too_many(&rig.get(&rig.app, &url("device_registration_link", "u")).await, "30");
    rig.get(&rig.app, &url("lost_user_mobile_device", "u")).await.ok(200);

    rig.clock.advance(30);
    rig.get(&rig.app, &url("device_registration_link", "u")).await.ok(200);
}

/// A message that nobody can send uses nothing up.
#[tokio::test]
async fn messages_of_a_service_without_a_gateway_do_not_count() {
    let rig = with(|limits| {
        limits.per_user_messages = FEW;
        limits.per_application_messages = FEW;
        limits.per_destination_messages = FEW;
    })
    .await;
    rig.add_users(&["u"]).await;
    let url = rig.url(&format!("/management/send_registration_sms/{}/u", rig.app.id));
    for _ in 0..5 {
        let answer = rig.post(&rig.app, &url, json!({"phone_number": "+491701234567"})).await;
        answer.is(200, "SMS_NOT_CONFIGURED");
    }
}

#[tokio::test]
async fn the_state_of_a_session_has_no_limit_unless_one_is_set() {
    let rig = Rig::start().await;
    rig.phone("u").await;
    let session = rig.session("u", "").await;
    for _ in 0..500 {
        assert_eq!(rig.status(&session).await, "pending");
    }
    let rig = with(|limits| limits.per_session_status = FEW).await;
    rig.phone("u").await;
    let (one, other) = (rig.session("u", "").await, rig.session("u", "").await);
    for _ in 0..3 {
        assert_eq!(rig.status(&one).await, "pending");
    }
    is_too_many(&rig.get(&one.pair, &one.status_url).await, "30");
    assert_eq!(rig.status(&other).await, "pending");
    rig.clock.advance(30);
    assert_eq!(rig.status(&one).await, "pending");
}
