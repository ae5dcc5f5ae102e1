//! How long a connection may wait, and for what.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::rig::{Rig, path_of};
use crate::status_stream::Stream;

/// Far more than anything here takes.
const SOON: Duration = Duration::from_secs(60);
/// Much longer than any test takes.
const NEVER: Duration = Duration::from_secs(3_600);
/// A time that runs out in a test.
const SHORT: Duration = Duration::from_millis(300);

async fn rig(head_timeout: Duration, idle_timeout: Duration) -> Rig {
    Rig::with(|config| {
        config.limits.head_timeout = head_timeout;
        config.limits.idle_timeout = idle_timeout;
    })
    .await
}

const REQUEST: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n";
const ANSWER: &str = "{\"status\":true}";

struct Caller(TcpStream);

impl Caller {
    async fn of(rig: &Rig) -> Self {
        Self(TcpStream::connect(rig.address).await.unwrap())
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// Up to and with this text.
    async fn until(&mut self, text: &str) -> String {
        let mut read = String::new();
        while !read.contains(text) {
            let mut buffer = [0; 4_096];
            let length = tokio::time::timeout(SOON, self.0.read(&mut buffer)).await.expect("nothing came");
            let length = length.unwrap();
            assert!(length > 0, "it has ended: {read}");
            read.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
        }
        read
    }

    async fn ask(&mut self) {
        self.send(REQUEST).await;
        self.until(ANSWER).await;
    }

    /// The service closes the connection, and says nothing more.
    async fn ends(mut self) {
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(SOON, self.0.read_to_end(&mut rest)).await;
        let _ = closed.expect("it is closed");
        assert!(rest.is_empty() || rest.starts_with(b"HTTP/1.1 408"), "{}", String::from_utf8_lossy(&rest));
    }
}

#[tokio::test]
async fn an_idle_connection_outlives_the_time_of_a_head() {
    let rig = rig(SHORT, NEVER).await;
    let (mut new, mut used) = (Caller::of(&rig).await, Caller::of(&rig).await);
    used.ask().await;
    tokio::time::sleep(SHORT * 4).await;
    new.ask().await;
    used.ask().await;
    // A connection that has begun to ask has the time of a head, as the first request or as a later one.
    let mut first = Caller::of(&rig).await;
    first.send(b"GET /healthz HTTP/1.1\r\nHo").await;
    used.send(b"G").await;
    first.ends().await;
    used.ends().await;
}

#[tokio::test]
async fn a_head_that_comes_byte_by_byte_has_no_more_time_than_another() {
    let rig = rig(SHORT, NEVER).await;
    let mut slow = Caller::of(&rig).await;
    let started = tokio::time::Instant::now();
    loop {
        // Each piece comes long before the time is over.
        if slow.0.write_all(b"GET / HTTP/1.1\r\nX: ").await.is_err() {
            break;
        }
        let mut answer = [0; 1_024];
        let read = tokio::time::timeout(SHORT / 6, slow.0.read(&mut answer)).await;
        if read.is_ok_and(|read| read.is_err() || read.is_ok_and(|length| length == 0)) {
            break;
        }
        assert!(started.elapsed() < SOON, "it is not closed");
    }
}

#[tokio::test]
async fn a_connection_that_idles_for_too_long_ends() {
    let rig = rig(NEVER, SHORT).await;
    let (new, mut used) = (Caller::of(&rig).await, Caller::of(&rig).await);
    used.ask().await;
    new.ends().await;
    used.ends().await;
}

#[tokio::test]
async fn an_answer_that_takes_its_time_is_not_idleness() {
    let rig = rig(NEVER, SHORT).await;
    let phone = rig.phone("u").await;
    let url = format!("{}?wait=2", phone.urls["pending_requests"].as_str().unwrap());
    let lines: String =
        rig.signed(&phone.pair, &url).iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let mut waiting = Caller::of(&rig).await;
    waiting
        .send(format!("GET {} HTTP/1.1\r\nHost: {}\r\n{lines}\r\n", path_of(&url), rig.address).as_bytes())
        .await;
    // A sign of life of a status stream comes every four seconds.
    let _another = rig.phone("v").await;
    let session = rig.session("v", "").await;
    let mut stream = Stream::open(&rig, &session).await;
    waiting.until("\"requests\":[]").await;
    stream.until("\r\n:\n\n").await;
    stream.until("\r\n:\n\n").await;
}

#[tokio::test]
async fn connections_of_this_machine_are_not_counted_by_address() {
    let rig = Rig::with(|config| config.limits.connections_per_address = 0).await;
    let mut callers = Vec::new();
    for _ in 0..20 {
        let mut caller = Caller::of(&rig).await;
        caller.ask().await;
        callers.push(caller);
    }
}
