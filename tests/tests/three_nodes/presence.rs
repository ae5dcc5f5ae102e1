//! A promise of a phone that one node was given holds for all nodes, and each of them notices when it has passed, whether or not the node that was
//! given it lives.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::caller::{Phone, Session, Three, sign, text};

/// The shortest promise, in seconds.
const SHORTEST: u64 = 10;
/// Far more than it takes to notice that a promise has passed.
const SOON: Duration = Duration::from_secs(60);

/// One that watches a session at a node, by its stream.
struct Watcher {
    stream: TcpStream,
    heard: String,
}

impl Watcher {
    fn at(three: &Three, node: usize, session: &Session) -> Self {
        let url = session.status_url.replace("/status", "/stream");
        let mut stream = TcpStream::connect(three.nodes.address(node).unwrap()).unwrap();
        stream.set_read_timeout(Some(SOON)).unwrap();
        stream.write_all(sign(&session.pair, "GET", &url, "").text().as_bytes()).unwrap();
        Self { stream, heard: String::new() }
    }

    /// Waits for an event with this word.
    fn hears(&mut self, word: &str) {
        let event = format!(r#""session_status":"{word}""#);
        let end = Instant::now() + SOON;
        let mut some = [0; 4096];
        while !self.heard.contains(&event) {
            let count = self.stream.read(&mut some).unwrap();
            assert!(count > 0 && Instant::now() < end, "{word} did not come: {}", self.heard);
            self.heard.push_str(&String::from_utf8_lossy(&some[..count]));
        }
        self.heard.clear();
    }
}

fn say(three: &Three, node: usize, phone: &Phone, word: &Value) -> Value {
    let url = three.url(&format!("/device/{}/presence", phone.pair.id));
    let (status, said) = three.to(node, &sign(&phone.pair, "POST", &url, &word.to_string()));
    assert_eq!(status, 200, "{said}");
    said
}

fn near(seconds: u64) -> Value {
    json!({"presence": "near", "seconds": seconds})
}

/// A phone with an active session, at an application that wants to know whether it is near.
fn active(three: &Three) -> (Phone, Session) {
    three.database.sql("UPDATE applications SET walkaway = 1").unwrap();
    let phone = three.user_with_phone("u");
    let session = three.start_login(0, "u");
    let question = three.question(1, &phone);
    let accept = json!({"accepted": true}).to_string();
    let (status, said) = three.to(2, &sign(&question.pair, "POST", &question.answer_url, &accept));
    assert_eq!(status, 200, "{said}");
    (phone, session)
}

#[test]
fn a_promise_to_one_node_holds_at_another_and_wakes_who_watches_at_the_third() {
    let Some(three) = Three::start(60) else { return };
    let (phone, session) = active(&three);
    let mut watcher = Watcher::at(&three, 2, &session);
    watcher.hears("active");
    let said = say(&three, 0, &phone, &near(SHORTEST));
    let url = text(&phone.urls["active_sessions"]);
    let (_, listed) = three.to(1, &sign(&phone.pair, "GET", &url, ""));
    assert_eq!(listed["sessions"][0]["near_until"], said["near_until"]);
    assert_eq!(three.status(1, &session), "active");
    let began = Instant::now();
    watcher.hears("walkaway");
    println!("noticed {:?} after a promise of {SHORTEST} s", began.elapsed());
    for node in 0..3 {
        assert_eq!(three.status(node, &session), "walkaway", "node {node}");
    }
    say(&three, 1, &phone, &near(90));
    watcher.hears("active");
    say(&three, 2, &phone, &json!({"presence": "away"}));
    watcher.hears("walkaway");
    assert_eq!(three.status(0, &session), "walkaway");
}

#[test]
fn a_promise_passes_although_the_node_that_was_given_it_is_dead() {
    let Some(mut three) = Three::start(60) else { return };
    let (phone, session) = active(&three);
    let mut watcher = Watcher::at(&three, 2, &session);
    watcher.hears("active");
    say(&three, 0, &phone, &near(SHORTEST));
    three.nodes.kill(0).unwrap();
    watcher.hears("walkaway");
    assert_eq!(three.status(1, &session), "walkaway");
    // One of those that are left writes it down.
    let end = Instant::now() + Duration::from_secs(120);
    while three.database.sql("SELECT state FROM sessions").unwrap() != "walkaway" {
        assert!(Instant::now() < end, "it is not written down");
        std::thread::sleep(Duration::from_millis(500));
    }
}
