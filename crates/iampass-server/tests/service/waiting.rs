//! Phones that wait for something to happen.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::rig::{Phone, Rig, questions};

/// The phones here wait for 20 s. An answer that comes sooner has not come by the end of the wait.
const LESS_THAN_THE_WAIT: Duration = Duration::from_secs(15);

fn wait_url(phone: &Phone, query: &str) -> String {
    format!("{}?{query}", phone.urls["pending_requests"].as_str().unwrap())
}

/// Lets the service get to its wait; nothing depends on how long this takes, only how much it proves.
async fn moment() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}

#[tokio::test]
async fn a_phone_that_waits_hears_of_a_question_at_once() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let url = wait_url(&phone, "wait=20");
    let started = Instant::now();
    let (heard, session) = tokio::join!(rig.get(&phone.pair, &url), async {
        moment().await;
        rig.session("u", "").await
    });
    assert_eq!(questions(&heard.ok(200)).len(), 1);
    assert!(started.elapsed() < LESS_THAN_THE_WAIT);
    drop(session);
    // Without `known`, one that is there is told again at once.
    assert_eq!(questions(&rig.get(&phone.pair, &url).await.ok(200)).len(), 1);
}

#[tokio::test]
async fn a_phone_that_knows_a_question_hears_of_its_end() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let first = rig.session("u", "").await;
    let known = rig.questions(&phone).await[0].pair.id.clone();
    let url = wait_url(&phone, &format!("wait=20&known={known}"));
    let started = Instant::now();
    let (heard, _) = tokio::join!(rig.get(&phone.pair, &url), async {
        moment().await;
        rig.call(&first.pair, "POST", &first.logout_url, None).await.ok(200)
    });
    assert_eq!(heard.ok(200)["requests"], json!([]));
    assert!(started.elapsed() < LESS_THAN_THE_WAIT);
    // The question that it names is gone already: that is a difference too.
    assert_eq!(rig.get(&phone.pair, &url).await.ok(200)["requests"], json!([]));
    assert!(started.elapsed() < LESS_THAN_THE_WAIT);
}

#[tokio::test]
async fn a_phone_that_waits_hears_that_it_was_replaced() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let url = wait_url(&phone, "wait=20");
    let started = Instant::now();
    let (heard, _) = tokio::join!(rig.get(&phone.pair, &url), async {
        moment().await;
        rig.phone("u").await
    });
    heard.is(401, "UNKNOWN_DEVICE");
    assert!(started.elapsed() < LESS_THAN_THE_WAIT);
}

#[tokio::test]
async fn a_wait_ends_by_itself_and_is_bounded() {
    let rig = Rig::with(|config| config.limits.longest_poll = Duration::from_millis(200)).await;
    let phone = rig.phone("u").await;
    let started = Instant::now();
    let answer = rig.get(&phone.pair, &wait_url(&phone, "wait=4000000000")).await.ok(200);
    assert_eq!(answer["requests"], json!([]));
    let took = started.elapsed();
    assert!(took >= Duration::from_millis(200) && took < Duration::from_secs(40), "{took:?}");
    for wait in ["-1", "", "1.5", "x", "99999999999"] {
        rig.get(&phone.pair, &wait_url(&phone, &format!("wait={wait}"))).await.is(422, "INVALID_PARAMETER");
    }
}

#[tokio::test]
async fn a_service_that_stops_answers_those_who_wait() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let url = wait_url(&phone, "wait=20");
    let headers = rig.signed(&phone.pair, &url);
    let address = rig.address;
    let started = Instant::now();
    let waiting = tokio::spawn(async move {
        crate::rig::send_to(address, "GET", crate::rig::path_of(&url), &headers, None).await
    });
    moment().await;
    rig.stop().await;
    let answer = waiting.await.unwrap().unwrap();
    assert_eq!(answer.status, 200);
    assert!(started.elapsed() < LESS_THAN_THE_WAIT);
}
