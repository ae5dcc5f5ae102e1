//! HTTP/2 over the service's own TLS: many requests on one connection, and what is bounded for each.

mod bounds;
mod caller;
mod frames;

use futures_util::future::join_all;
use http_body_util::BodyExt as _;

use crate::rig::{Pair, Rig, questions};
use crate::store::ready_status;
use caller::{Caller, SOON, Secure, whole};

/// A login, begun over this connection.
struct Begun {
    pair: Pair,
    status_url: String,
    stream_url: String,
    logout_url: String,
}

async fn begin(caller: &Caller, rig: &Rig) -> Begun {
    let url = rig.url(&format!("/authentication/authenticate_user/{}/u", rig.app.id));
    let (status, answer) = caller.call(rig, &rig.app, "POST", &url).await;
    assert_eq!(status, 202, "{answer}");
    let told = &answer["authentication_status"];
    let url = |name: &str| told[name].as_str().unwrap().to_owned();
    Begun {
        pair: Pair::new(&told["session_token"], &told["session_secret"]),
        status_url: url("status_url"),
        stream_url: url("status_stream_url"),
        logout_url: url("logout_url"),
    }
}

#[tokio::test]
async fn a_hundred_phones_wait_on_one_connection_while_others_ask() {
    let secure = Secure::with(|_| {}).await;
    let (rig, caller) = (&secure.rig, secure.caller().await);
    let pair = &secure.phone.pair;
    let url = format!("{}?wait=25", secure.phone.urls["pending_requests"].as_str().unwrap());
    let waiting = join_all((0..100).map(|_| caller.call(rig, pair, "GET", &url)));
    let asking = async {
        // None of them is kept from this.
        for _ in 0..20 {
            assert_eq!(caller.get(rig, "/readyz").await.unwrap().status(), ready_status());
        }
        begin(&caller, rig).await
    };
    let (heard, begun) = tokio::join!(waiting, asking);
    for (status, answer) in heard {
        assert_eq!(status, 200, "{answer}");
        assert_eq!(questions(&answer).len(), 1, "{answer}");
    }
    assert_eq!(caller.call(rig, &begun.pair, "GET", &begun.status_url).await.1["session_status"], "pending");
}

#[tokio::test]
async fn a_status_stream_tells_each_change_and_ends_in_good_order() {
    let secure = Secure::with(|_| {}).await;
    let (rig, caller) = (&secure.rig, secure.caller().await);
    let begun = begin(&caller, rig).await;
    let stream = caller.open(rig, &begun.pair, "GET", &begun.stream_url, "").await.unwrap();
    assert_eq!(stream.status(), 200);
    let mut body = stream.into_body();
    let mut text = String::new();
    let mut is_out = false;
    while let Some(piece) = tokio::time::timeout(SOON, body.frame()).await.expect("a sign of life") {
        text.push_str(std::str::from_utf8(&piece.unwrap().into_data().unwrap()).unwrap());
        if text.contains("\"pending\"") && !is_out {
            is_out = true;
            assert_eq!(caller.call(rig, &begun.pair, "POST", &begun.logout_url).await.0, 200);
        }
    }
    assert!(text.contains("\"closed\""), "{text}");
}

#[tokio::test]
async fn a_service_that_stops_says_so_and_lets_open_requests_end() {
    let secure = Secure::with(|_| {}).await;
    let (rig, caller, idle) = (&secure.rig, secure.caller().await, secure.caller().await);
    assert_eq!(idle.get(rig, "/healthz").await.unwrap().status(), 200);
    let begun = begin(&caller, rig).await;
    let stream = caller.open(rig, &begun.pair, "GET", &begun.stream_url, "").await.unwrap();
    let url = secure.phone.urls["pending_requests"].as_str().unwrap();
    let url = format!("{url}?wait=25&known={}", question_id(&caller, rig, &secure).await);
    let waiting = caller.call(rig, &secure.phone.pair, "GET", &url);
    let Secure { rig: stopping, .. } = &secure;
    let stop = async {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        stopping.ask_to_stop();
    };
    let (answer, ()) = tokio::join!(waiting, stop);
    assert_eq!(answer.0, 200);
    assert_eq!(whole(stream).await.0, 200);
    // Both connections end without an error.
    for connection in [caller.connection, idle.connection] {
        let ended = tokio::time::timeout(SOON, connection).await.expect("the connection ends");
        ended.unwrap().unwrap();
    }
    secure.rig.stop().await;
}

async fn question_id(caller: &Caller, rig: &Rig, secure: &Secure) -> String {
    let url = secure.phone.urls["pending_requests"].as_str().unwrap();
    questions(&caller.call(rig, &secure.phone.pair, "GET", url).await.1)[0].pair.id.clone()
}

#[tokio::test]
async fn a_session_whose_answer_could_not_be_delivered_is_ended() {
    let secure = Secure::with(|_| {}).await;
    let rig = &secure.rig;
    let url = rig.url(&format!("/authentication/authenticate_user/{}/u", rig.app.id));
    // This caller takes the first bytes of the answer and no more, and goes away.
    let caller = secure.caller_with_window(10).await;
    let answer = caller.open(rig, &rig.app, "POST", &url, "{}").await.unwrap();
    assert_eq!(answer.status(), 202);
    let states = || rig.store.column("SELECT state FROM sessions ORDER BY key");
    assert_eq!(states(), ["pending"]);
    caller.connection.abort();
    let _ = caller.connection.await;
    drop(answer);
    let started = std::time::Instant::now();
    while states() != ["closed"] {
        assert!(started.elapsed() < SOON, "{:?}", states());
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    // One that was told of stays when its connection ends.
    let caller = secure.caller().await;
    let begun = begin(&caller, rig).await;
    caller.connection.abort();
    let _ = caller.connection.await;
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let another = secure.caller().await;
    assert_eq!(another.call(rig, &begun.pair, "GET", &begun.status_url).await.1["session_status"], "pending");
}

#[tokio::test]
async fn http1_is_spoken_with_those_who_ask_for_it() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let secure = Secure::with(|_| {}).await;
    let mut stream = secure.connect(b"http/1.1").await;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
}
