//! A follower against everything that a stream can do.

use std::time::Duration;

use crate::machine::test_rig::{WALL, application, session, status_body};
use crate::machine::{Follow, Follower, Hint};
use crate::port::{HttpRequest, MAX_ANSWER_BYTES, TransportErrorKind};
use crate::wire::SessionStatus;
use crate::{Draw, Monotonic, Now};

const SECOND: Duration = Duration::from_secs(1);

struct Stream {
    follower: Follower,
    now: Now,
    draws: u8,
}

fn stream() -> Stream {
    let session = session().with_status_stream(Some("https://login.example/stream"), application().server());
    let follower = Follower::new(&session).unwrap();
    Stream { follower, now: Now::new(Duration::from_secs(100), WALL), draws: 0 }
}

/// One that has been opened, and has said nothing yet.
fn open() -> Stream {
    let mut stream = stream();
    stream.expect_open();
    stream.head(200, "text/event-stream");
    stream
}

impl Stream {
    fn poll(&mut self) -> Follow {
        self.draws += 1;
        let mut bytes = [0x80, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0];
        bytes[0] = self.draws;
        self.follower.poll_output(self.now, Draw::from_bytes(bytes))
    }

    fn pass(&mut self, duration: Duration) {
        self.now = self.now.plus(duration);
    }

    fn expect_open(&mut self) -> HttpRequest {
        match self.poll() {
            Follow::Open(request) => request,
            other => panic!("expected a request, got {other:?}"),
        }
    }

    fn expect_hint(&mut self) -> Hint {
        match self.poll() {
            Follow::Hint(hint) => hint,
            other => panic!("expected a hint, got {other:?}"),
        }
    }

    /// Lets the wait pass, and says how long it was.
    fn expect_wait(&mut self) -> Duration {
        match self.poll() {
            Follow::Wait(until) => {
                let wait = until.since(self.now.mono);
                self.pass(wait);
                wait
            }
            other => panic!("expected a wait, got {other:?}"),
        }
    }

    fn expect_finished(&mut self) {
        for _ in 0..2 {
            assert!(matches!(self.poll(), Follow::Finished));
        }
        assert!(!self.follower.is_connected());
    }

    fn head(&mut self, status: u16, content_type: &str) {
        let head = http::Response::builder().status(status).header("content-type", content_type).body(());
        self.follower.opened(self.now, &head.unwrap());
    }

    fn says(&mut self, bytes: &str) {
        self.follower.received(self.now, bytes.as_bytes());
    }
}

fn event(word: &str) -> String {
    format!("event: status\ndata: {}\n\n", status_body(word))
}

fn status(word: &str) -> Hint {
    Hint::Status(SessionStatus::from(word))
}

#[test]
fn a_session_without_a_stream_has_no_follower() {
    assert!(Follower::new(&session()).is_none());
}

#[test]
fn it_is_opened_by_a_signed_call_of_the_session() {
    let request = stream().expect_open();
    assert_eq!((request.method().as_str(), request.uri().path()), ("GET", "/stream"));
    assert_eq!(request.headers()["accept"], "text/event-stream");
    assert!(request.headers()["authentication"].to_str().unwrap().starts_with("hmac SESSION:"));
    assert!(request.body().is_empty());
}

#[test]
fn each_word_is_told_and_what_is_no_word_shows_that_it_is_alive() {
    let mut stream = open();
    for word in ["pending", "identifying", "active", "walkaway"] {
        stream.says(&event(word));
        assert_eq!(stream.expect_hint(), status(word));
        assert_eq!(stream.expect_wait(), 15 * SECOND);
        stream.now = Now { mono: Monotonic::from_origin(Duration::from_secs(100)), ..stream.now };
    }
    for other in [":\n", ": alive\n\n", "event: other\ndata: {}\n\n", "data: {}\n\n", "x"] {
        stream.says(other);
        assert_eq!(stream.expect_hint(), Hint::Alive, "{other:?}");
    }
}

#[test]
fn of_several_words_at_once_the_last_one_counts() {
    let mut stream = open();
    stream.says(&(event("walkaway") + &event("active") + ":\n"));
    assert_eq!(stream.expect_hint(), status("active"));
    assert!(matches!(stream.poll(), Follow::Wait(_)));
    stream.says(&event("walkaway"));
    stream.says(":\n");
    assert_eq!(stream.expect_hint(), status("walkaway"), "a sign of life does not wipe it out");
}

/// Whatever a stream says in words of its own stays there: it could be a secret (law 3).
#[test]
fn what_is_not_understood_is_told_as_that() {
    for data in [
        status_body("super"),
        status_body("Active"),
        status_body("session test key"),
        "active".to_owned(),
        String::new(),
        r#"{"authenticated": false, "session_status": "active"}"#.to_owned(),
        r#"[true, "active"]"#.to_owned(),
    ] {
        let mut stream = open();
        stream.says(&format!("event: status\ndata: {data}\n\n"));
        assert_eq!(stream.expect_hint(), Hint::Unclear, "{data}");
        assert!(!format!("{:?}", stream.follower).contains("session test key"));
    }
}

#[test]
fn any_other_answer_means_that_there_is_no_stream_for_good() {
    for (code, content_type) in [
        (404, "text/event-stream"),
        (501, "application/json"),
        (401, "text/event-stream"),
        (204, "text/event-stream"),
        (302, "text/event-stream"),
        (503, "text/event-stream"),
        (200, "application/json"),
        (200, "text/event-streams"),
        (200, "text/html; text/event-stream"),
        (200, ""),
    ] {
        let mut stream = stream();
        stream.expect_open();
        stream.head(code, content_type);
        stream.expect_finished();
        stream.says(&event("active"));
        stream.pass(3600 * SECOND);
        stream.expect_finished();
    }
    for content_type in ["text/event-stream", "Text/Event-Stream; charset=utf-8", "text/event-stream ;x=y"] {
        let mut stream = stream();
        stream.expect_open();
        stream.head(200, content_type);
        stream.says(":\n");
        assert_eq!(stream.expect_hint(), Hint::Alive, "{content_type}");
    }
}

#[test]
fn a_transport_that_cannot_do_it_is_not_asked_twice() {
    for kind in [
        TransportErrorKind::NotStreaming,
        TransportErrorKind::UrlRewritten,
        TransportErrorKind::AnswerTooLarge,
    ] {
        let mut stream = stream();
        stream.expect_open();
        stream.follower.lost(stream.now, Some(kind));
        stream.expect_finished();
    }
}

#[test]
fn one_that_cannot_be_reached_is_tried_less_and_less_often() {
    let mut stream = stream();
    let mut waits = Vec::new();
    for kind in [TransportErrorKind::Connect, TransportErrorKind::Timeout, TransportErrorKind::Other]
        .iter()
        .cycle()
        .take(8)
    {
        stream.expect_open();
        stream.follower.lost(stream.now, Some(*kind));
        waits.push(stream.expect_wait().as_secs());
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30, 30]);
    stream.expect_open();
    assert_eq!(stream.expect_wait(), 15 * SECOND, "so long may the head of the answer take");
    assert_eq!(stream.expect_wait(), 30 * SECOND);
}

#[test]
fn one_that_breaks_is_told_of_and_opened_again() {
    let mut stream = open();
    for expected in [1, 2, 4] {
        stream.says(&event("pending"));
        stream.follower.lost(stream.now, None);
        assert!(!stream.follower.is_connected());
        assert_eq!(stream.expect_hint(), status("pending"), "the last word counts all the same");
        assert_eq!(stream.expect_hint(), Hint::Lost);
        assert_eq!(stream.expect_wait(), expected * SECOND);
        stream.expect_open();
        stream.head(200, "text/event-stream");
    }
    // One that held for a while was a good one.
    for _ in 0..4 {
        stream.pass(10 * SECOND);
        stream.says(":\n");
        assert_eq!(stream.expect_hint(), Hint::Alive);
    }
    stream.follower.lost(stream.now, Some(TransportErrorKind::Other));
    assert_eq!(stream.expect_hint(), Hint::Lost);
    assert_eq!(stream.expect_wait(), SECOND);
}

#[test]
fn a_silent_one_is_given_up() {
    let mut stream = open();
    stream.says(&event("pending"));
    assert_eq!(stream.expect_hint(), status("pending"));
    assert_eq!(stream.expect_wait(), 15 * SECOND);
    assert_eq!(stream.expect_hint(), Hint::Lost);
    assert!(!stream.follower.is_connected());
    // Data that come from the old connection now are ignored.
    stream.says(&event("active"));
    assert_eq!(stream.expect_wait(), SECOND);
    let first = stream.expect_open();
    assert!(first.headers()["authentication"].to_str().unwrap().len() > 20);
}

#[test]
fn after_an_end_there_is_nothing_to_follow() {
    for word in ["timeout", "failed", "cancelled", "closed"] {
        let mut stream = open();
        stream.says(&event(word));
        assert_eq!(stream.expect_hint(), status(word));
        assert_eq!(stream.expect_hint(), Hint::Lost);
        stream.expect_finished();
    }
}

#[test]
fn one_that_cannot_be_read_is_not_opened_again() {
    let mut stream = open();
    stream.says(&"x".repeat(20_000));
    assert_eq!(stream.expect_hint(), Hint::Alive);
    assert_eq!(stream.expect_hint(), Hint::Lost);
    stream.expect_finished();
}

#[test]
fn one_that_never_stops_is_cut_off() {
    let mut stream = open();
    let noise = ":\n".repeat(8 * 1024);
    for _ in 0..MAX_ANSWER_BYTES / noise.len() {
        stream.says(&noise);
        assert_eq!(stream.expect_hint(), Hint::Alive);
        assert!(stream.follower.is_connected());
    }
    stream.says(&noise);
    assert!(!stream.follower.is_connected());
}
