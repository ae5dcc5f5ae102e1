//! The bounds of one connection of HTTP/2.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};

use super::caller::{SOON, Secure, whole};

/// Much longer than any test takes.
const NEVER: Duration = Duration::from_secs(3_600);
/// A time that runs out in a test.
const SHORT: Duration = Duration::from_millis(600);

#[tokio::test]
async fn a_stream_whose_answer_nobody_takes_is_ended_and_the_others_go_on() {
    let secure = Secure::with(|config| config.limits.write_timeout = SHORT).await;
    let rig = &secure.rig;
    let caller = secure.caller_with_window(10).await;
    let untaken = caller.get(rig, "/phone").await.unwrap();
    assert_eq!(untaken.status(), 200);
    tokio::time::sleep(SHORT * 3).await;
    let body = tokio::time::timeout(SOON, untaken.into_body().collect()).await.expect("it ends");
    assert!(body.is_err(), "all of it came after the time was over");
    let (status, answer) = whole(caller.get(rig, "/healthz").await.unwrap()).await;
    assert_eq!((status, &answer["status"]), (200, &true.into()));
}

#[tokio::test]
async fn each_stream_beyond_the_first_takes_the_place_of_a_connection() {
    // One place is the connection's, and one is for the next connection that is accepted.
    let secure = Secure::with(|config| config.limits.connections = 2).await;
    let (rig, caller) = (&secure.rig, secure.caller().await);
    let url = format!("{}?wait=1", secure.phone.urls["pending_requests"].as_str().unwrap());
    let waiting = caller.call(rig, &secure.phone.pair, "GET", &url);
    let another = async {
        let mut statuses = Vec::new();
        while statuses.last() != Some(&503) {
            statuses.push(caller.get(rig, "/healthz").await.unwrap().status().as_u16());
            assert!(statuses.len() < 1_000, "there is room for more than there are places");
        }
    };
    let (waited, ()) = tokio::join!(waiting, another);
    assert_eq!(waited.0, 200);
    assert_eq!(caller.get(rig, "/healthz").await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_connection_outlives_the_time_of_a_head_and_ends_when_it_idles() {
    // Whether the caller is there is asked after two thirds of it, and it has the rest to say so.
    let head_timeout = Duration::from_secs(3);
    let secure = Secure::with(|config| {
        config.limits.head_timeout = head_timeout;
        config.limits.idle_timeout = NEVER;
    })
    .await;
    let (rig, caller) = (&secure.rig, secure.caller().await);
    assert_eq!(caller.get(rig, "/healthz").await.unwrap().status(), 200);
    tokio::time::sleep(head_timeout * 2 + Duration::from_secs(1)).await;
    assert_eq!(caller.get(rig, "/healthz").await.unwrap().status(), 200);

    // The call has to begin within it.
    let secure = Secure::with(|config| config.limits.idle_timeout = Duration::from_secs(2)).await;
    let (rig, caller) = (&secure.rig, secure.caller().await);
    // It is not idle as long as an answer is awaited.
    let url = format!("{}?wait=4", secure.phone.urls["pending_requests"].as_str().unwrap());
    assert_eq!(caller.call(rig, &secure.phone.pair, "GET", &url).await.0, 200);
    let ended = tokio::time::timeout(SOON, caller.connection).await.expect("it ends");
    ended.unwrap().unwrap();
}

#[tokio::test]
async fn heads_and_bodies_are_bounded() {
    let secure = Secure::with(|_| {}).await;
    let (rig, caller) = (&secure.rig, secure.caller().await);
    let path = format!("/{}", "a".repeat(8 * 1024));
    assert_eq!(caller.get(rig, &path).await.unwrap().status(), 414);
    let url = format!("https://{}/management/add_users/{}", rig.address, rig.app.id);
    let large = Full::new(Bytes::from(vec![b' '; 100_000]));
    let answer = caller.send(Request::post(&url).body(large).unwrap()).await;
    assert!(answer.is_err() || answer.is_ok_and(|answer| matches!(answer.status().as_u16(), 401 | 413)));
    let mut request = Request::get(format!("https://{}/healthz", rig.address));
    for number in 0..20 {
        request = request.header(format!("x-{number}"), "a".repeat(5_000));
    }
    let answer = caller.send(request.body(Full::default()).unwrap()).await;
    assert!(answer.is_err() || answer.is_ok_and(|answer| answer.status() == 431));
    // Another connection is as good as ever.
    assert_eq!(secure.caller().await.get(rig, "/healthz").await.unwrap().status(), 200);
}

/// The host of the address counts, and no header beside it.
#[tokio::test]
async fn a_header_that_names_another_host_is_not_believed() {
    let secure = Secure::with(|_| {}).await;
    let (rig, caller) = (&secure.rig, secure.caller().await);
    let url = format!("https://{}/r/none", rig.address);
    let request = Request::get(url).header("host", "evil.example").body(Full::<Bytes>::default()).unwrap();
    let answer = caller.send(request).await.unwrap();
    let text = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(!String::from_utf8_lossy(&text).contains("evil.example"));
}
