//! Callers that go away in the middle: what they have begun is done or undone as a whole, and nobody waits in vain.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::rig::{Pair, Phone, Rig, path_of, questions};

/// The service may take this long to notice and to act, on a machine that has other things to do.
const SOON: Duration = Duration::from_secs(10);

/// Sends a signed request and leaves the connection to the caller.
async fn begin(rig: &Rig, pair: &Pair, method: &str, url: &str) -> TcpStream {
    let lines: String =
        rig.signed(pair, url).iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let target = path_of(url);
    let request = format!(
        "{method} {target} HTTP/1.1\r\nHost: {}\r\n{lines}Content-Length: 2\r\n\r\n{{}}",
        rig.address
    );
    let mut stream = TcpStream::connect(rig.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// Sends a signed request whose change has to wait, and goes away before it is made.
async fn break_off(rig: &Rig, pair: &Pair, method: &str, url: &str) {
    let held = rig.store.hold().await;
    let stream = begin(rig, pair, method, url).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(stream);
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(held);
}

fn start_url(rig: &Rig, user: &str) -> String {
    rig.url(&format!("/authentication/authenticate_user/{}/{user}", rig.app.id))
}

/// The states of all sessions there ever were.
fn states(rig: &Rig) -> Vec<String> {
    rig.store.column("SELECT state FROM sessions ORDER BY key")
}

async fn no_question_stays(rig: &Rig, phone: &Phone) {
    let started = Instant::now();
    while !rig.questions(phone).await.is_empty() {
        assert!(started.elapsed() < SOON, "a question that nobody knows of stays");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_session_that_nobody_was_told_of_is_ended() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    break_off(&rig, &rig.app, "POST", &start_url(&rig, "u")).await;
    let started = Instant::now();
    while states(&rig) != ["closed"] {
        assert!(started.elapsed() < SOON, "{:?}", states(&rig));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(rig.questions(&phone).await.is_empty());
    // One that was told of stays.
    let session = rig.session("u", "").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(rig.status(&session).await, "pending");
}

#[tokio::test]
async fn what_a_caller_sent_before_it_went_does_not_hide_that_it_is_gone() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let held = rig.store.hold().await;
    let mut stream = begin(&rig, &rig.app, "POST", &start_url(&rig, "u")).await;
    // The first piece of another request is read, to see whether the caller is there; the second then stays unread.
    for piece in ["G", "ET / HTTP/1.1\r\n"] {
        tokio::time::sleep(Duration::from_millis(50)).await;
        stream.write_all(piece.as_bytes()).await.unwrap();
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(stream);
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(held);
    let started = Instant::now();
    while states(&rig) != ["closed"] {
        assert!(started.elapsed() < SOON, "{:?}", states(&rig));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(rig.questions(&phone).await.is_empty());
}

#[tokio::test]
async fn callers_that_go_away_at_any_time_leave_no_question() {
    let rig = Rig::with(|config| {
        config.limits.pending_per_user = 1_000;
        config.rates = iampass_server::RateLimits::off();
    })
    .await;
    let phone = rig.phone("u").await;
    for step in 0..200_u64 {
        let mut stream = begin(&rig, &rig.app, "POST", &start_url(&rig, "u")).await;
        tokio::time::sleep(Duration::from_micros(step * 10)).await;
        // The caller goes away by saying that it sends no more. So it hears an answer that is written at this very moment, which one that closes would
        // lose without either side knowing.
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        // Some are quick enough to be answered: those know their session, and end it.
        if stream.read_to_end(&mut answer).await.is_ok() && !answer.is_empty() {
            let answer = std::str::from_utf8(&answer).unwrap();
            let body: serde_json::Value =
                serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
            let status = &body["authentication_status"];
            let pair = Pair::new(&status["session_token"], &status["session_secret"]);
            rig.call(&pair, "POST", status["logout_url"].as_str().unwrap(), None).await.ok(200);
        }
    }
    no_question_stays(&rig, &phone).await;
}

#[tokio::test]
async fn who_waits_is_woken_even_if_the_one_who_wakes_goes_away() {
    let rig = Rig::with(|config| config.rates = iampass_server::RateLimits::off()).await;
    let phone = rig.phone("u").await;
    let session = rig.session("u", "").await;
    let known = rig.questions(&phone).await[0].pair.id.clone();
    let url = format!("{}?wait=20&known={known}", phone.urls["pending_requests"].as_str().unwrap());
    let started = Instant::now();
    let (heard, ()) = tokio::join!(rig.get(&phone.pair, &url), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        break_off(&rig, &session.pair, "POST", &session.logout_url).await;
    });
    assert_eq!(questions(&heard.ok(200)).len(), 0);
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_change_that_is_asked_for_by_get_runs_to_its_end_too() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let url = format!("{}?wait=20", phone.urls["pending_requests"].as_str().unwrap());
    let lost = rig.url(&format!("/management/lost_user_mobile_device/{}/u", rig.app.id));
    let started = Instant::now();
    let (heard, ()) = tokio::join!(rig.get(&phone.pair, &url), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        break_off(&rig, &rig.app, "GET", &lost).await;
    });
    heard.is(401, "UNKNOWN_DEVICE");
    assert!(started.elapsed() < Duration::from_secs(5));
}
