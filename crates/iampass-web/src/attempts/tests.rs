//! Attempts over one store, from two nodes with a clock of the test's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use iampass_core::client::Client;
use iampass_core::port::{
    Clock, HttpRequest, HttpResponse, HttpTransport, MemorySessionStore, SessionStore, TransportError,
    TransportErrorKind,
};
use iampass_core::{Now, SessionToken, UnixMillis};

use super::*;

struct NoService;

#[async_trait::async_trait]
impl HttpTransport for NoService {
    async fn send(&self, _: HttpRequest) -> Result<HttpResponse, TransportError> {
        Err(TransportError::new(TransportErrorKind::Connect))
    }
}

/// Milliseconds since the test began.
#[derive(Clone, Default)]
struct TestClock(Arc<AtomicU64>);

impl Clock for TestClock {
    fn now(&self) -> Now {
        let elapsed = Duration::from_millis(self.0.load(Ordering::SeqCst));
        Now::at(elapsed, Duration::from_secs(1_000) + elapsed)
    }
}

struct Nodes {
    one: Attempts,
    other: Attempts,
    clock: TestClock,
}

impl Nodes {
    fn new() -> Self {
        let (clock, store) = (TestClock::default(), Arc::new(MemorySessionStore::new(100)));
        let node = || {
            let client = Client::builder()
                .application("APP", "a test key")
                .server("http://127.0.0.1:1")
                .transport(NoService)
                .clock(Arc::new(clock.clone()))
                .session_store(Arc::clone(&store) as Arc<dyn SessionStore>)
                .build()
                .unwrap();
            Attempts::new(SharedEntries::new(client))
        };
        Self { one: node(), other: node(), clock }
    }

    fn until(&self) -> UnixMillis {
        self.one.entries.now().plus(Duration::from_secs(60))
    }

    fn stranger(&self) -> Attempt {
        Attempt::new(Asker::Stranger, self.until())
    }

    fn known(&self, browser: &str) -> Attempt {
        Attempt::new(Asker::Known(browser.to_owned()), self.until())
    }
}

fn id(text: &str) -> AttemptId {
    serde_json::from_value(text.into()).unwrap()
}

fn anna() -> Subject {
    Subject::User("1".to_owned())
}

fn session(name: &str) -> SessionToken {
    SessionToken::new(name).unwrap()
}

async fn phase(attempts: &Attempts, name: &str) -> Phase {
    attempts.load(&id(name)).await.unwrap().unwrap().phase
}

fn in_place(withdrawn: &[&str], has_displaced: bool) -> Begun {
    let withdrawn = withdrawn.iter().map(|name| session(name)).collect();
    Begun::InPlace { withdrawn, has_displaced, closed_at: None }
}

/// Whatever the time.
fn plain(begun: Begun) -> Begun {
    match begun {
        Begun::InPlace { withdrawn, has_displaced, .. } => {
            Begun::InPlace { withdrawn, has_displaced, closed_at: None }
        }
        Begun::Busy => Begun::Busy,
    }
}

/// However the attempt before has ended, and whether or not a phone was asked for it: the next one hears since when its page has nothing to
/// accept.
#[tokio::test]
async fn the_next_attempt_hears_since_when_the_one_before_is_closed() {
    for (way, is_asked) in [
        ("answered", true),
        ("taken up", true),
        ("declined", true),
        ("cancelled", false),
        ("open", true),
        ("open", false),
    ] {
        let nodes = Nodes::new();
        nodes.one.begin(&id("a"), &nodes.stranger(), &anna(), None, true).await.unwrap();
        if is_asked {
            assert!(nodes.one.asked(&id("a"), &session("s")).await.unwrap());
        } else {
            nodes.one.not_asked(&id("a")).await.unwrap();
        }
        nodes.clock.0.store(5_000, Ordering::SeqCst);
        let closed = nodes.one.entries.now();
        match way {
            "answered" => assert!(nodes.one.answered(&id("a")).await.unwrap()),
            "taken up" => assert!(nodes.one.take_up(&id("a")).await.unwrap()),
            "declined" => drop(nodes.one.end(&id("a"), AttemptEnd::Declined).await.unwrap()),
            "cancelled" => drop(nodes.one.end(&id("a"), AttemptEnd::Cancelled).await.unwrap()),
            _ => {}
        }
        if way != "open" {
            nodes.clock.0.store(6_000, Ordering::SeqCst);
        }
        let begun = nodes.other.begin(&id("b"), &nodes.stranger(), &anna(), None, true).await.unwrap();
        let Begun::InPlace { closed_at, .. } = begun else { panic!("{way}: {begun:?}") };
        assert_eq!(closed_at, Some(closed), "{way} {is_asked}");
    }
}

#[tokio::test]
async fn the_newer_of_two_strangers_has_the_place_and_the_older_ones_question_is_withdrawn() {
    let nodes = Nodes::new();
    let begun = nodes.one.begin(&id("a"), &nodes.stranger(), &anna(), None, true).await.unwrap();
    assert_eq!(plain(begun), in_place(&[], false));
    assert!(nodes.one.asked(&id("a"), &session("s")).await.unwrap());
    let begun = nodes.other.begin(&id("b"), &nodes.stranger(), &anna(), None, true).await.unwrap();
    assert_eq!(plain(begun), in_place(&["s"], true));
    assert_eq!(phase(&nodes.one, "a").await, Phase::Ended { end: AttemptEnd::Superseded });
    // Whatever its question is answered, nobody gets in by it any more.
    assert!(!nodes.one.answered(&id("a")).await.unwrap());
    assert!(!nodes.one.take_up(&id("a")).await.unwrap());
    assert!(nodes.other.load(&id("b")).await.unwrap().unwrap().has_displaced);
}

#[tokio::test]
async fn one_whose_question_is_not_put_yet_is_not_asked_after_it_was_displaced() {
    let nodes = Nodes::new();
    nodes.one.begin(&id("a"), &nodes.stranger(), &anna(), None, true).await.unwrap();
    nodes.other.begin(&id("b"), &nodes.stranger(), &anna(), None, true).await.unwrap();
    assert!(!nodes.one.asked(&id("a"), &session("s")).await.unwrap(), "its session has to be ended");
    nodes.one.not_asked(&id("a")).await.unwrap();
    assert_eq!(phase(&nodes.one, "a").await, Phase::Ended { end: AttemptEnd::Superseded });
}

#[tokio::test]
async fn a_stranger_displaces_no_known_browser_and_a_known_browser_displaces_a_stranger() {
    let nodes = Nodes::new();
    nodes.one.begin(&id("k"), &nodes.known("x"), &anna(), None, true).await.unwrap();
    assert!(nodes.one.asked(&id("k"), &session("s")).await.unwrap());
    let begun = nodes.other.begin(&id("a"), &nodes.stranger(), &anna(), None, true).await.unwrap();
    assert_eq!(begun, Begun::Busy);
    assert_eq!(phase(&nodes.one, "a").await, Phase::Ended { end: AttemptEnd::Busy });
    assert_eq!(phase(&nodes.one, "k").await, Phase::Asked { session: session("s") });
    // Another known browser may: it is the newest word of somebody who is known.
    let begun = nodes.other.begin(&id("l"), &nodes.known("y"), &anna(), None, true).await.unwrap();
    assert_eq!(plain(begun), in_place(&["s"], true));
    let nodes = Nodes::new();
    nodes.one.begin(&id("a"), &nodes.stranger(), &anna(), None, true).await.unwrap();
    let begun = nodes.other.begin(&id("k"), &nodes.known("x"), &anna(), None, true).await.unwrap();
    assert_eq!(plain(begun), in_place(&[], true));
}

#[tokio::test]
async fn a_browser_replaces_its_own_and_nobody_is_said_to_be_displaced() {
    let nodes = Nodes::new();
    nodes.one.begin(&id("a"), &nodes.stranger(), &anna(), None, true).await.unwrap();
    assert!(nodes.one.asked(&id("a"), &session("s")).await.unwrap());
    let begun = nodes.other.begin(&id("b"), &nodes.stranger(), &anna(), Some(&id("a")), true).await.unwrap();
    assert_eq!(plain(begun), in_place(&["s"], false));
    assert_eq!(phase(&nodes.one, "a").await, Phase::Ended { end: AttemptEnd::Replaced });
    // A known browser without its cookie of the login is the same browser still.
    nodes.one.begin(&id("k"), &nodes.known("x"), &anna(), None, true).await.unwrap();
    let begun = nodes.one.begin(&id("l"), &nodes.known("x"), &anna(), None, true).await.unwrap();
    assert_eq!(plain(begun), in_place(&[], false));
}

#[tokio::test]
async fn one_that_may_not_ask_takes_no_live_question_away() {
    let nodes = Nodes::new();
    nodes.one.begin(&id("a"), &nodes.stranger(), &anna(), None, true).await.unwrap();
    let begun = nodes.other.begin(&id("b"), &nodes.stranger(), &anna(), None, false).await.unwrap();
    assert_eq!(begun, Begun::Busy);
    assert_eq!(phase(&nodes.one, "a").await, Phase::Starting);
}

#[tokio::test]
async fn a_place_is_free_as_soon_as_its_attempt_is_answered_ended_or_over() {
    for way in 0..4 {
        let nodes = Nodes::new();
        nodes.one.begin(&id("k"), &nodes.known("x"), &anna(), None, true).await.unwrap();
        assert!(nodes.one.asked(&id("k"), &session("s")).await.unwrap());
        match way {
            0 => assert!(nodes.one.answered(&id("k")).await.unwrap()),
            1 => {
                assert_eq!(nodes.other.end(&id("k"), AttemptEnd::Declined).await.unwrap(), Some(session("s")))
            }
            2 => assert!(nodes.one.take_up(&id("k")).await.unwrap()),
            _ => nodes.clock.0.store(60_001, Ordering::SeqCst),
        }
        let begun = nodes.other.begin(&id("a"), &nodes.stranger(), &anna(), None, true).await.unwrap();
        // What is over may still be on the phone.
        let withdrawn: &[&str] = if way == 3 { &["s"] } else { &[] };
        assert_eq!(plain(begun), in_place(withdrawn, false), "{way}");
    }
}

#[tokio::test]
async fn an_accepted_attempt_is_its_browsers_though_another_has_the_place() {
    let nodes = Nodes::new();
    nodes.one.begin(&id("a"), &nodes.stranger(), &anna(), None, true).await.unwrap();
    assert!(nodes.one.asked(&id("a"), &session("s")).await.unwrap());
    assert!(nodes.one.answered(&id("a")).await.unwrap());
    nodes.other.begin(&id("b"), &nodes.stranger(), &anna(), None, true).await.unwrap();
    assert!(nodes.one.take_up(&id("a")).await.unwrap());
    assert!(!nodes.other.take_up(&id("a")).await.unwrap(), "once");
    assert_eq!(nodes.one.end(&id("a"), AttemptEnd::Cancelled).await.unwrap(), None, "it is in use");
}

#[tokio::test]
async fn users_and_names_have_places_of_their_own() {
    let nodes = Nodes::new();
    for (name, subject) in [
        ("a", Subject::User("1".to_owned())),
        ("b", Subject::User("2".to_owned())),
        ("c", Subject::Nobody("1".to_owned())),
    ] {
        let begun = nodes.one.begin(&id(name), &nodes.stranger(), &subject, None, true).await.unwrap();
        assert_eq!(plain(begun), in_place(&[], false), "{name}");
    }
}

#[tokio::test]
async fn of_many_that_begin_at_once_on_two_nodes_one_is_live() {
    let nodes = Nodes::new();
    let attempts: Vec<_> = (0..16).map(|n| id(&format!("attempt-{n}"))).collect();
    let (attempt, subject) = (nodes.stranger(), anna());
    let begin = attempts.iter().enumerate().map(|(n, id)| {
        let node = if n % 2 == 0 { &nodes.one } else { &nodes.other };
        node.begin(id, &attempt, &subject, None, true)
    });
    for begun in futures_util::future::join_all(begin).await {
        begun.unwrap();
    }
    let now = nodes.one.entries.now();
    let mut live = 0;
    for id in &attempts {
        live += usize::from(nodes.other.load(id).await.unwrap().unwrap().is_live(now));
    }
    assert_eq!(live, 1);
}

/// A question that outlives its attempt lets nobody in, and is withdrawn before another one is put.
#[tokio::test]
async fn an_answer_that_comes_after_its_time_lets_nobody_in() {
    let nodes = Nodes::new();
    nodes.one.begin(&id("a"), &nodes.stranger(), &anna(), None, true).await.unwrap();
    assert!(nodes.one.asked(&id("a"), &session("s")).await.unwrap());
    nodes.one.begin(&id("b"), &nodes.stranger(), &Subject::User("2".to_owned()), None, true).await.unwrap();
    nodes.clock.0.store(60_001, Ordering::SeqCst);
    assert!(!nodes.other.answered(&id("a")).await.unwrap());
    assert!(!nodes.other.take_up(&id("a")).await.unwrap());
    assert!(!nodes.other.asked(&id("b"), &session("t")).await.unwrap(), "it is too late to ask");
    let begun = nodes.other.begin(&id("k"), &nodes.known("x"), &anna(), None, true).await.unwrap();
    assert_eq!(plain(begun), in_place(&["s"], false));
}
