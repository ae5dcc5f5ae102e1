//! The status stream of a session, as it is on the wire.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::rig::{Rig, Session, path_of, questions};

/// Far more than anything here takes.
const SOON: Duration = Duration::from_secs(40);

/// Clients give up a stream that is silent for longer.
const LONGEST_SILENCE: Duration = Duration::from_secs(15);

pub(crate) struct Stream {
    socket: TcpStream,
    pub(crate) head: String,
    /// The part of the body that has come and was not looked at yet, chunk sizes and all.
    body: String,
    has_ended: bool,
}

impl Stream {
    pub(crate) async fn open(rig: &Rig, session: &Session) -> Self {
        let url = stream_url(session);
        let mut request = format!("GET {} HTTP/1.1\r\nHost: {}\r\n", path_of(&url), rig.address);
        for (name, value) in rig.signed(&session.pair, &url) {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        let mut socket = TcpStream::connect(rig.address).await.unwrap();
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut stream = Self { socket, head: String::new(), body: String::new(), has_ended: false };
        while !stream.body.contains("\r\n\r\n") {
            stream.read().await;
        }
        let (head, body) = stream.body.split_once("\r\n\r\n").unwrap();
        (stream.head, stream.body) = (head.to_owned(), body.to_owned());
        stream
    }

    async fn read(&mut self) {
        let mut buffer = [0; 4096];
        let read = tokio::time::timeout(SOON, self.socket.read(&mut buffer)).await.expect("nothing came");
        let read = read.unwrap_or(0);
        self.body.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        self.has_ended = read == 0;
    }

    /// Up to and with the next of this, which must come.
    pub(crate) async fn until(&mut self, text: &str) -> String {
        loop {
            if let Some(at) = self.body.find(text) {
                let rest = self.body.split_off(at + text.len());
                return std::mem::replace(&mut self.body, rest);
            }
            assert!(!self.has_ended, "the stream has ended, and {text:?} did not come");
            self.read().await;
        }
    }

    /// The word of the next event.
    async fn word(&mut self) -> String {
        self.until("event: status\n").await;
        let data = self.until("\n\n").await;
        let data: Value = serde_json::from_str(data.trim().strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(data["authentication_status"]["session_status"], data["session_status"]);
        let is_active = json!(data["session_status"] == "active");
        assert_eq!(
            (&data["authenticated"], &data["authentication_status"]["authenticated"]),
            (&is_active, &is_active)
        );
        data["session_status"].as_str().unwrap().to_owned()
    }

    /// The end, in good order: the last chunk is empty.
    async fn end(&mut self) {
        self.until("0\r\n\r\n").await;
    }
}

fn stream_url(session: &Session) -> String {
    session.status_url.strip_suffix("/status").unwrap().to_owned() + "/stream"
}

#[tokio::test]
async fn the_answer_of_authenticate_user_says_where_it_is() {
    let rig = Rig::start().await;
    rig.phone("u").await;
    let answer = rig.authenticate("u", "").await.ok(202);
    let status = &answer["authentication_status"];
    let token = status["session_token"].as_str().unwrap();
    assert_eq!(status["status_stream_url"], rig.url(&format!("/authentication/session/{token}/stream")));
    rig.add_users(&["v"]).await;
    let none = rig.authenticate("v", "").await.ok(200);
    assert!(none["authentication_status"].get("status_stream_url").is_none());
}

#[tokio::test]
async fn each_change_comes_as_it_happens_until_the_end() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let session = rig.session("u", "").await;
    let mut stream = Stream::open(&rig, &session).await;
    assert!(stream.head.starts_with("HTTP/1.1 200"));
    let head = stream.head.to_lowercase();
    for header in [
        "content-type: text/event-stream",
        "cache-control: no-store",
        "x-accel-buffering: no",
        "x-content-type-options: nosniff",
    ] {
        assert!(head.contains(header), "{header} is missing in {head}");
    }
    assert!(!head.contains(&session.pair.id.to_lowercase()));
    assert_eq!(stream.word().await, "pending");
    let started = Instant::now();
    let question = rig.questions(&phone).await.pop().unwrap();
    rig.call(&question.pair, "POST", &question.start_url, None).await.ok(200);
    assert_eq!(stream.word().await, "identifying");
    rig.answer(&question, json!({"accepted": true})).await.ok(200);
    assert_eq!(stream.word().await, "active");
    let listed = rig.active_sessions(&phone).await[0].clone();
    for (action, word) in [("walkaway_url", "walkaway"), ("return_url", "active"), ("logout_url", "closed")] {
        rig.call(&phone.pair, "POST", listed[action].as_str().unwrap(), None).await.ok(200);
        assert_eq!(stream.word().await, word);
    }
    stream.end().await;
    // By waking, not by looking every two seconds: five changes.
    assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
}

/// Words of the phone come by waking, as everything does. That a promise has passed is found by looking, every two seconds, or by the timer.
#[tokio::test]
async fn a_promise_that_passes_comes_without_anybody_doing_anything() {
    let rig = Rig::with_walkaway().await;
    let phone = rig.phone("u").await;
    let session = rig.active_session(&phone, "u", "").await;
    let mut stream = Stream::open(&rig, &session).await;
    assert_eq!(stream.word().await, "active");
    let url = rig.presence_url(&phone.pair);
    for word in ["near", "near", "away", "near"] {
        let body =
            if word == "near" { json!({"presence": word, "seconds": 10}) } else { json!({"presence": word}) };
        rig.post(&phone.pair, &url, body).await.ok(200);
        if word == "away" {
            assert_eq!(stream.word().await, "walkaway");
            rig.clock.advance(1);
        }
    }
    assert_eq!(stream.word().await, "active", "what was said again is not told again");
    rig.clock.advance(10);
    assert_eq!(stream.word().await, "walkaway");
    rig.service.run_due_tasks().await.unwrap();
    rig.post(&phone.pair, &url, json!({"presence": "near", "seconds": 10})).await.ok(200);
    assert_eq!(stream.word().await, "active", "that it was written down is no news");
}

/// Every way in which a session can change, and whoever does it.
#[tokio::test]
async fn ends_come_from_everywhere() {
    let rig = Rig::start().await;
    for way in ["declined", "logged out", "lost phone", "deleted user"] {
        let user = way.replace(' ', "-");
        let phone = rig.phone(&user).await;
        let session = rig.session(&user, "").await;
        let mut stream = Stream::open(&rig, &session).await;
        assert_eq!(stream.word().await, "pending");
        match way {
            "declined" => {
                let question = rig.questions(&phone).await.pop().unwrap();
                rig.answer(&question, json!({"accepted": false})).await.ok(200);
            }
            "logged out" => {
                rig.call(&session.pair, "POST", &session.logout_url, None).await.ok(200);
            }
            "lost phone" => {
                let url = rig.url(&format!("/management/lost_user_mobile_device/{}/{user}", rig.app.id));
                rig.get(&rig.app, &url).await.ok(200);
            }
            _ => {
                let url = rig.url(&format!("/management/delete_users/{}", rig.app.id));
                rig.post(&rig.app, &url, json!({"users": [user]})).await.ok(200);
            }
        }
        let told = stream.word().await;
        assert!(["cancelled", "closed"].contains(&&*told), "{way}: {told}");
        assert_eq!(told, rig.status(&session).await, "{way}");
        stream.end().await;
    }
}

#[tokio::test]
async fn a_deadline_that_passes_is_written_down_and_told() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let session = rig.session("u", "").await;
    let mut stream = Stream::open(&rig, &session).await;
    assert_eq!(stream.word().await, "pending");
    // No due task is run, so the timeout is found by looking.
    rig.clock.advance(61);
    assert_eq!(stream.word().await, "timeout");
    stream.end().await;
    assert!(rig.questions(&phone).await.is_empty());
    assert_eq!(rig.status(&session).await, "timeout");
}

#[tokio::test]
async fn one_that_has_ended_says_so_and_ends() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let session = rig.active_session(&phone, "u", "").await;
    rig.call(&session.pair, "POST", &session.logout_url, None).await.ok(200);
    let mut stream = Stream::open(&rig, &session).await;
    assert_eq!(stream.word().await, "closed");
    stream.end().await;
}

#[tokio::test]
async fn while_nothing_happens_there_are_signs_of_life() {
    let rig = Rig::start().await;
    rig.phone("u").await;
    let mut stream = Stream::open(&rig, &rig.session("u", "").await).await;
    assert_eq!(stream.word().await, "pending");
    for _ in 0..2 {
        let started = Instant::now();
        stream.until("\n:\n\n").await;
        // They are sent each four seconds.
        assert!(started.elapsed() < LONGEST_SILENCE - Duration::from_secs(3), "{:?}", started.elapsed());
    }
}

#[tokio::test]
async fn it_ends_when_the_service_stops() {
    let rig = Rig::start().await;
    rig.phone("u").await;
    let mut stream = Stream::open(&rig, &rig.session("u", "").await).await;
    assert_eq!(stream.word().await, "pending");
    let started = Instant::now();
    rig.stop().await;
    stream.end().await;
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[tokio::test]
async fn only_the_session_itself_gets_it_and_only_once_by_one_signature() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let (session, other) = (rig.session("u", "").await, rig.session("u", "").await);
    let url = stream_url(&session);
    let target = path_of(&url);
    rig.send("GET", target, &[], None).await.is(401, "SIGNATURE_MISSING");
    rig.get(&rig.app, &url).await.is(401, "UNKNOWN_ID");
    rig.get(&phone.pair, &url).await.is(401, "UNKNOWN_ID");
    rig.get(&other.pair, &url).await.is(401, "NOT_YOURS");
    // Signed for another URL of the very session.
    let elsewhere = rig.signed(&session.pair, &session.status_url);
    rig.send("GET", target, &elsewhere, None).await.is(401, "BAD_SIGNATURE");
    rig.call(&session.pair, "POST", &url, None).await.is(405, "METHOD_NOT_ALLOWED");
    // A session that has ended, so that the answer does too.
    rig.call(&session.pair, "POST", &session.logout_url, None).await.ok(200);
    let signed = rig.signed(&session.pair, &url);
    assert_eq!(rig.send("GET", target, &signed, None).await.status, 200);
    rig.send("GET", target, &signed, None).await.is(403, "NONCE_REPLAYED");
    let unknown = rig.url("/authentication/session/nobody/stream");
    assert_ne!(rig.get(&session.pair, &unknown).await.status, 200);
}

#[tokio::test]
async fn there_is_room_for_so_many_and_the_state_can_be_asked_for_all_the_same() {
    let rig = Rig::with(|config| config.limits.status_streams = 2).await;
    rig.phone("u").await;
    let session = rig.session("u", "").await;
    let mut first = Stream::open(&rig, &session).await;
    let mut second = Stream::open(&rig, &session).await;
    assert_eq!((first.word().await, second.word().await), ("pending".to_owned(), "pending".to_owned()));
    rig.get(&session.pair, &stream_url(&session)).await.is(503, "UNAVAILABLE");
    assert_eq!(rig.status(&session).await, "pending");
    // One that goes makes room, as soon as its going is noticed.
    drop(first);
    let started = Instant::now();
    loop {
        let mut third = Stream::open(&rig, &session).await;
        if third.head.starts_with("HTTP/1.1 200") {
            assert_eq!(third.word().await, "pending");
            break;
        }
        assert!(started.elapsed() < SOON, "no room was made");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Streams wait, and what waits must not keep anybody else from the store.
#[tokio::test]
async fn many_streams_are_in_nobodys_way() {
    let rig = Rig::start().await;
    let phone = rig.phone("u").await;
    let session = rig.session("u", "").await;
    let mut streams = Vec::new();
    for _ in 0..100 {
        streams.push(Stream::open(&rig, &session).await);
    }
    let started = Instant::now();
    let url = phone.urls["pending_requests"].as_str().unwrap();
    let question = questions(&rig.get(&phone.pair, url).await.ok(200)).pop().unwrap();
    rig.answer(&question, json!({"accepted": true})).await.ok(200);
    for stream in &mut streams {
        assert_eq!(stream.word().await, "pending");
        assert_eq!(stream.word().await, "active");
    }
    assert!(started.elapsed() < SOON);
}
