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

mod displacing;

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
    Begun::InPlace { withdrawn, has_displaced, after: Vec::new() }
}

/// Whatever the time.
fn plain(begun: Begun) -> Begun {
    match begun {
        Begun::InPlace { withdrawn, has_displaced, .. } => {
            Begun::InPlace { withdrawn, has_displaced, after: Vec::new() }
        }
        other => other,
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
        nodes.one.begin(&id("a"), &nodes.stranger(), &anna(), "anna", None, Displaces::Any).await.unwrap();
        if is_asked {
            assert!(nodes.one.asked(&id("a"), &session("s"), None).await.unwrap());
        } else {
            nodes.one.not_asked(&id("a"), None).await.unwrap();
        }
        nodes.clock.0.store(5_000, Ordering::SeqCst);
        let closed_at = nodes.one.entries.now();
        match way {
            "answered" => assert!(nodes.one.answered(&id("a")).await.unwrap()),
            "taken up" => assert!(nodes.one.take_up(&id("a"), None).await.unwrap()),
            "declined" => drop(nodes.one.end(&id("a"), AttemptEnd::Declined).await.unwrap()),
            "cancelled" => drop(nodes.one.end(&id("a"), AttemptEnd::Cancelled).await.unwrap()),
            _ => {}
        }
        if way != "open" {
            nodes.clock.0.store(6_000, Ordering::SeqCst);
        }
        let earlier = [Earlier { attempt: id("a"), closed_at, is_displaced: way == "open" }];
        let begun = nodes
            .other
            .begin(&id("b"), &nodes.stranger(), &anna(), "anna", None, Displaces::Any)
            .await
            .unwrap();
        assert_eq!(after(begun), earlier, "{way} {is_asked}");
        // Another one takes the place before that question is put: it waits for the same page.
        let begun = nodes
            .one
            .begin(&id("c"), &nodes.stranger(), &anna(), "anna", None, Displaces::Any)
            .await
            .unwrap();
        assert_eq!(after(begun), earlier, "{way} {is_asked}");
    }
}

/// Two users whose names differ in capitals alone: a browser that knows one of them takes no place of the other's.
#[tokio::test]
async fn a_browser_that_one_user_knows_is_a_stranger_to_another_one_of_that_name() {
    let nodes = Nodes::new();
    let known = |digest: &str| Attempt::new(Asker::Known(digest.to_owned()), nodes.stranger().until);
    let other = Subject::User("another anna".to_owned());
    nodes.one.begin(&id("a"), &known("hers"), &anna(), "anna", None, Displaces::Any).await.unwrap();
    let begun =
        nodes.other.begin(&id("b"), &known("another's"), &other, "anna", None, Displaces::Any).await.unwrap();
    assert_eq!(begun, Begun::Busy);
    assert_eq!(phase(&nodes.one, "a").await, Phase::Starting);
    let begun =
        nodes.other.begin(&id("c"), &known("hers too"), &anna(), "anna", None, Displaces::Any).await.unwrap();
    assert!(matches!(begun, Begun::InPlace { .. }), "{begun:?}");
}

/// The page of an attempt that is over for a while may have been noted by a node whose clock is slow.
#[tokio::test]
async fn a_page_is_waited_for_where_clocks_differ() {
    for (later, is_waited_for) in [(25_000, true), (39_000, true), (41_000, false)] {
        let nodes = Nodes::new();
        nodes.one.begin(&id("a"), &nodes.stranger(), &anna(), "anna", None, Displaces::Any).await.unwrap();
        nodes.one.not_asked(&id("a"), None).await.unwrap();
        drop(nodes.one.end(&id("a"), AttemptEnd::Declined).await.unwrap());
        nodes.clock.0.fetch_add(later, Ordering::SeqCst);
        let begun = nodes
            .other
            .begin(&id("b"), &nodes.stranger(), &anna(), "anna", None, Displaces::Any)
            .await
            .unwrap();
        assert_eq!(after(begun).len(), usize::from(is_waited_for), "after {later} ms");
    }
}

fn after(begun: Begun) -> Vec<Earlier> {
    let Begun::InPlace { after, .. } = begun else { panic!("{begun:?}") };
    after
}

/// Told when its browser comes for the page, and not before it is over.
#[tokio::test]
async fn a_page_is_told_when_the_attempt_is_over() {
    let nodes = Nodes::new();
    let told_at = async || nodes.other.load(&id("a")).await.unwrap().unwrap().told_at;
    nodes.one.begin(&id("a"), &nodes.stranger(), &anna(), "anna", None, Displaces::Any).await.unwrap();
    nodes.one.not_asked(&id("a"), None).await.unwrap();
    nodes.one.told(&id("a")).await.unwrap();
    assert_eq!(told_at().await, None);
    nodes.one.begin(&id("b"), &nodes.stranger(), &anna(), "anna", None, Displaces::Any).await.unwrap();
    assert_eq!(told_at().await, None);
    nodes.clock.0.store(2_000, Ordering::SeqCst);
    let now = nodes.one.entries.now();
    nodes.one.told(&id("a")).await.unwrap();
    nodes.clock.0.store(3_000, Ordering::SeqCst);
    nodes.one.told(&id("a")).await.unwrap();
    assert_eq!(told_at().await, Some(now));
}

#[tokio::test]
async fn a_place_is_free_as_soon_as_its_attempt_is_answered_ended_or_over() {
    for way in 0..4 {
        let nodes = Nodes::new();
        nodes.one.begin(&id("k"), &nodes.known("x"), &anna(), "anna", None, Displaces::Any).await.unwrap();
        assert!(nodes.one.asked(&id("k"), &session("s"), None).await.unwrap());
        match way {
            0 => assert!(nodes.one.answered(&id("k")).await.unwrap()),
            1 => {
                assert_eq!(nodes.other.end(&id("k"), AttemptEnd::Declined).await.unwrap(), Some(session("s")))
            }
            2 => assert!(nodes.one.take_up(&id("k"), None).await.unwrap()),
            _ => nodes.clock.0.store(60_001, Ordering::SeqCst),
        }
        let begun = nodes
            .other
            .begin(&id("a"), &nodes.stranger(), &anna(), "anna", None, Displaces::Any)
            .await
            .unwrap();
        // A question that is over may still be on the phone.
        let withdrawn: &[&str] = if way == 3 { &["s"] } else { &[] };
        assert_eq!(plain(begun), in_place(withdrawn, false), "{way}");
    }
}

#[tokio::test]
async fn an_accepted_attempt_is_its_browsers_though_another_has_the_place() {
    let nodes = Nodes::new();
    nodes.one.begin(&id("a"), &nodes.stranger(), &anna(), "anna", None, Displaces::Any).await.unwrap();
    assert!(nodes.one.asked(&id("a"), &session("s"), None).await.unwrap());
    assert!(nodes.one.answered(&id("a")).await.unwrap());
    nodes.other.begin(&id("b"), &nodes.stranger(), &anna(), "anna", None, Displaces::Any).await.unwrap();
    assert!(nodes.one.take_up(&id("a"), None).await.unwrap());
    assert!(!nodes.other.take_up(&id("a"), None).await.unwrap(), "once");
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
        let begun = nodes
            .one
            .begin(&id(name), &nodes.stranger(), &subject, name, None, Displaces::Any)
            .await
            .unwrap();
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
        node.begin(id, &attempt, &subject, "anna", None, Displaces::Any)
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
    nodes.one.begin(&id("a"), &nodes.stranger(), &anna(), "anna", None, Displaces::Any).await.unwrap();
    assert!(nodes.one.asked(&id("a"), &session("s"), None).await.unwrap());
    nodes
        .one
        .begin(&id("b"), &nodes.stranger(), &Subject::User("2".to_owned()), "bert", None, Displaces::Any)
        .await
        .unwrap();
    nodes.clock.0.store(60_001, Ordering::SeqCst);
    assert!(!nodes.other.answered(&id("a")).await.unwrap());
    assert!(!nodes.other.take_up(&id("a"), None).await.unwrap());
    assert!(!nodes.other.asked(&id("b"), &session("t"), None).await.unwrap(), "it is too late to ask");
    let begun =
        nodes.other.begin(&id("k"), &nodes.known("x"), &anna(), "anna", None, Displaces::Any).await.unwrap();
    assert_eq!(plain(begun), in_place(&["s"], false));
}
